"""``undo``: archive exactly what a load created."""

import asyncio
import sys
import threading
from typing import Any

import click
import msgspec
import orjson

from loader.errors import Refused, UsageError
from loader.model.undo import Proposal, Undone
from loader.pipeline.stop import Stop
from loader.report.proposals import proposal_lines, undone_lines

from . import options
from .counting import Counting, counting
from .exits import Exit
from .output import give, give_lines, say
from .signals import interruptible
from .token import read_token


@click.command(
    epilog="Example: python -m loader undo calls.ndjson "
    "--yes --confirm 807678569176a7d4"
)
@options.source_argument
@click.option(
    "--skip-changed", is_flag=True,
    help="Leave calls alone that somebody changed since they were made.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask; needs --confirm.")
@click.option(
    "--confirm",
    metavar="DIGEST",
    help="With --yes: the digest that undo printed; another set is refused.",
)
@options.portal_options
@options.pace_options
@options.config_option
@options.json_option
def undo(
    source: str,
    load_dir: str | None,
    token_file: str | None,
    confirm: str | None,
    *,
    yes: bool,
    skip_changed: bool,
    use_sandbox: bool,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - click's values, checked by settings_of
) -> int:
    """Archive the calls that the load of SOURCE created, and nothing else.

    Shows first what it will do, and a digest of it, and asks. In a script, give
    --yes and that digest. The same command again resumes one that was interrupted.
    """
    settings = options.settings_of(**given)
    token = None if use_sandbox else read_token(token_file)

    async def work(stop: Stop, shown: Counting) -> Undone | None:
        # the network's modules take a third of a second, which --help need not pay
        from loader.assembly.undo import undo  # noqa: PLC0415

        async def agree(proposal: Proposal) -> bool:
            shown.pause()
            if not (as_json and yes):  # one object on standard output
                _show(proposal, as_json=as_json)
            agreed = await _agreed(proposal, yes=yes, digest=confirm)
            shown.relabel("archived")
            shown.resume()
            return agreed

        return await undo(
            source,
            settings=settings,
            load_dir=load_dir,
            token=token,
            sandbox=use_sandbox,
            stop=stop,
            show=shown.show,
            confirm=agree,
            skip_changed=skip_changed,
        )

    with counting("looked at") as shown:
        undone = asyncio.run(interruptible(lambda stop: work(stop, shown), shown))
    if isinstance(undone, Exit):
        return undone
    return _give(undone, load_dir=load_dir or f"{source}.load", as_json=as_json)


def _give(undone: Undone | None, *, load_dir: str, as_json: bool) -> Exit:
    """Print what was done; return the status that says it."""
    if undone is None:
        say("nothing was archived")
        return Exit.REFUSED
    if as_json:
        give([orjson.dumps(msgspec.to_builtins(undone)), b"\n"])
    else:
        give_lines(undone_lines(undone, load_dir=load_dir))
    return Exit.DONE if undone.complete else Exit.INCOMPLETE


def _show(proposal: Proposal, *, as_json: bool) -> None:
    if as_json:
        give([orjson.dumps(msgspec.to_builtins(proposal)), b"\n"])
    else:
        give_lines(proposal_lines(proposal))


async def _agreed(proposal: Proposal, *, yes: bool, digest: str | None) -> bool:
    """Compare the digest that a script gives, or ask the person at the terminal.

    Raises:
        UsageError: nobody can be asked, and nothing was confirmed.
        Refused: something else was confirmed.
    """
    if yes and digest is None:
        raise UsageError(
            "--yes needs --confirm DIGEST, so that nothing else is archived than was "
            f"looked at; now it would be --confirm {proposal.digest}"
        )
    if digest is not None and digest != proposal.digest:
        raise Refused(
            f"what would be archived has the digest {proposal.digest}, not {digest}: "
            "it is not what was looked at; nothing was archived"
        )
    if yes:
        return True
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "nobody can be asked here; nothing was archived; to do it, give "
            f"--yes --confirm {proposal.digest}"
        )
    left = proposal.to_archive - proposal.archived
    say(f"type {left} or yes to archive them, anything else to leave them:")
    answer = (await _line()).strip().replace(",", "").casefold()
    return answer in ("yes", str(left))


async def _line() -> str:
    """Read a line from the terminal; a stop does not wait for it."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def take(text: str) -> None:
        if not line.done():
            line.set_result(text)

    def read() -> None:
        text = sys.stdin.readline()
        if not loop.is_closed():
            loop.call_soon_threadsafe(take, text)

    threading.Thread(target=read, name="answer", daemon=True).start()
    return await line
