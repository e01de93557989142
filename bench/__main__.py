"""``python -m bench``: one command for each claim, imported when it is called."""

import signal
import sys
from importlib import import_module

import click

#: command: module that has it, under the same name, and what it shows
COMMANDS = {
    "simulate": ("bench.simulation.command", "seeded schedules of faults and crashes"),
    "mutants": ("bench.mutants.command", "protocol mistakes that the simulation kills"),
    "kill": ("bench.crash.kill_command", "SIGKILL at every failpoint and system call"),
    "disk": ("bench.crash.disk_command", "ENOSPC and EIO from every k-th write on"),
    "damage": ("bench.crash.damage_command", "ledgers damaged at random, run again"),
    "peers": ("bench.peers.command", "the tools people use today, side by side"),
    "powercut": ("bench.crash.powercut_command", "disk images after a power cut"),
    "pace": ("bench.pace.command", "use of the allowed rate, and what is refused"),
    "throughput": ("bench.throughput.command", "records/s and CPU, side by side"),
    "memory": ("bench.growth.memory_command", "peak memory from 10k to 10M records"),
    "resume": ("bench.growth.resume_command", "seconds from a kill to sending again"),
    "ledger": ("bench.growth.ledger_command", "bytes a million records, and growth"),
}


class Lazy(click.Group):
    """Knows its commands by name; imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None for a name that is not in the table."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), cmd_name)
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Show the table without importing anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
def bench() -> None:
    """Prove the claims of the README on this machine."""


if __name__ == "__main__":
    # what was started is ended, and what was written taken away
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    bench(prog_name="python -m bench")
