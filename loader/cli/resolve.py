"""``resolve``: walk through the records in doubt, and take a person's word."""

import asyncio
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TextIO, cast

import click
import msgspec
import orjson
from rich.console import Console
from structlog.typing import EventDict

from loader import telemetry
from loader.assembly.corrections import numbered
from loader.errors import UsageError
from loader.model.doubt import Doubt, ItIs, Quit, Resolution, SendAgain, Skip, Word
from loader.report.doubts import (
    as_object,
    headline,
    resolution_lines,
    side_by_side,
)

from . import options
from .exits import Exit
from .output import Screen, give, give_lines, say
from .terminal import event_line
from .token import read_token

#: the ID of a call; ``0512`` would be another way to say ``512``
_OBJECT_ID = re.compile(r"[1-9][0-9]{0,99}")
#: lines that are named in a message
_MOST_NAMED = 10


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of ``--answers``."""

    line: int
    decision: Literal["found", "send", "skip"]
    #: the call that it is
    id: str | int | None = None
    #: folder of the load; the first one when it is left out
    load: str | None = None

    @property
    def word(self) -> Word:
        """What it says."""
        match self.decision:
            case "found":
                return ItIs(str(self.id))
            case "send":
                return SendAgain()
            case "skip":
                return Skip()


@click.command(epilog="Example: python -m loader resolve calls.ndjson")
@options.source_argument
@click.option(
    "--answers", metavar="FILE",
    help='Take the decisions from FILE, one a line: {"line": 17, "decision": "found", '
    '"id": "512"}, or "send", or "skip".',
)  # fmt: skip
@options.portal_options
@options.config_option
@click.option(
    "as_json", "--json", is_flag=True,
    help="List records and candidates, one JSON object a line, and decide nothing.",
)  # fmt: skip
def resolve(
    source: str,
    load_dir: str | None,
    token_file: str | None,
    answers: str | None,
    *,
    use_sandbox: bool,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - click's values, checked by settings_of
) -> int:
    """Decide what became of the records of SOURCE that are in doubt.

    For each, the portal is searched for calls of the same moment, which are shown
    beside the line. Say which one it is, or that it is not there and is to be sent
    again: nothing is sent without that word, and it is sent by the next run. Search
    lags behind: what it does not find may be there all the same.
    """
    settings = options.settings_of(**given)
    decide = _decider(answers, as_json=as_json)
    token = None if use_sandbox else read_token(token_file)

    async def work() -> Resolution:
        # the network's modules take a third of a second, which --help need not pay
        from loader.assembly.resolve import resolve  # noqa: PLC0415
        from loader.pipeline.stop import Stop  # noqa: PLC0415

        return await resolve(
            source,
            settings=settings,
            load_dir=load_dir,
            token=token,
            sandbox=use_sandbox,
            stop=Stop(),
            decide=decide,
            searches=answers is None,
        )

    # each word is durable at once, so that a signal may end it anywhere
    with telemetry.outputs(_warned):
        resolution = asyncio.run(work())
    if isinstance(decide, _Answers):
        decide.tell_unused()
    if not as_json:
        give_lines(resolution_lines(resolution))
    return Exit.INCOMPLETE if resolution.left else Exit.DONE


def _decider(answers: str | None, *, as_json: bool) -> Callable[[Doubt, int], Word]:
    """Return who decides: nobody, a file, or the person at the terminal."""
    if as_json and answers is not None:
        raise UsageError("--json decides nothing, so give either it or --answers")
    if as_json:
        return _listed
    if answers is not None:
        return _Answers(Path(answers))
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "there is no terminal to ask at; list the records with --json, and give "
            "the decisions in a file with --answers"
        )
    return _asked


def _listed(doubt: Doubt, _: int) -> Word:
    give([orjson.dumps(as_object(doubt)), b"\n"])
    return Skip()


class _Answers:
    """The decisions of a file. What changes: which of them were asked for."""

    def __init__(self, path: Path) -> None:
        self._words: dict[tuple[str | None, int], Word] = {}
        self._unused: set[tuple[str | None, int]] = set()
        try:
            lines = path.read_bytes().splitlines()
        except OSError as error:
            raise UsageError(
                f"cannot read the answers {path}: {error.strerror}; give a file with "
                'lines such as {"line": 17, "decision": "send"}'
            ) from error
        for number, line in enumerate(lines, 1):
            if line.strip():
                self._take(line, f"line {number} of {path}")

    def _take(self, line: bytes, where: str) -> None:
        try:
            answer = msgspec.json.decode(line, type=Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise UsageError(
                f"{where} is no answer ({error}); write such as "
                '{"line": 17, "decision": "found", "id": "512"}'
            ) from error
        if (answer.decision == "found") is not (answer.id is not None):
            raise UsageError(f'{where}: "found" needs the call\'s id, others have none')
        if answer.id is not None and not _OBJECT_ID.fullmatch(str(answer.id)):
            raise UsageError(f"{where}: the id must be that of a call, such as 512")
        load = None if answer.load is None else str(Path(answer.load).absolute())
        if (load, answer.line) in self._words:
            raise UsageError(f"{where} answers for a record that has an answer already")
        self._words[load, answer.line] = answer.word
        self._unused.add((load, answer.line))

    def __call__(self, doubt: Doubt, _: int) -> Word:
        """Return the answer for a record; without one it is skipped."""
        load = Path(doubt.load).absolute()
        name: tuple[str | None, int] = (str(load), doubt.line)
        if name not in self._words and not numbered(load):
            name = (None, doubt.line)
        self._unused.discard(name)
        return self._words.get(name, Skip())

    def tell_unused(self) -> None:
        """Say which answers were for nothing: a wrong line is a mistake to be seen."""
        lines = sorted(line for _, line in self._unused)
        if lines:
            named = ", ".join(map(str, lines[:_MOST_NAMED]))
            more = ", …" if len(lines) > _MOST_NAMED else ""
            say(
                f"not used: {len(lines):,} of the answers, for lines that are not in "
                f"doubt, or are of another load ({named}{more})"
            )


def _asked(doubt: Doubt, left: int) -> Word:
    """Show a record and its candidates, and ask until there is an answer."""
    screen = Console(file=cast("TextIO", Screen(sys.stderr)), highlight=False)
    screen.print()
    screen.print(headline(doubt, left), markup=False, soft_wrap=True)
    screen.print(side_by_side(doubt))
    number = len(doubt.candidates)
    choice = f"1-{number} it is that call, " if number > 1 else "1 it is that call, "
    question = f"{choice if number else ''}n not there, s skip, q quit"
    while True:
        answer = _prompted(question)
        if answer.isdecimal() and 1 <= int(answer) <= number:
            return ItIs(doubt.candidates[int(answer) - 1].id)
        if answer in ("s", "q"):
            return Skip() if answer == "s" else Quit()
        if answer == "n" and _is_sure():
            return SendAgain()
        if answer != "n":
            say("answer with the number of a call, or one of the letters")


def _is_sure() -> bool:
    """Ask for the explicit word without which nothing in doubt is sent again."""
    question = (
        "if it is there after all, it will be there twice; type send to send it again"
    )
    return _prompted(question, default="no") == "send"


def _prompted(question: str, default: str | None = None) -> str:
    """Ask a question; Ctrl-C ends the command here, where no loop would notice it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        answer: str = click.prompt(
            question, default=default, show_default=False, err=True, prompt_suffix=": "
        )
    finally:
        signal.signal(signal.SIGINT, before)
    return answer.strip().lower()


def _warned(level: str, event: EventDict) -> None:
    if level in ("warning", "error"):
        say(event_line(event))
