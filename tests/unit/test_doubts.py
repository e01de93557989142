"""A record in doubt beside the calls that may be it, as a terminal shows them."""

import io
from typing import Any

from rich.console import Console

from loader.model.doubt import Candidate, Doubt, Resolution
from loader.report.doubts import headline, resolution_lines, side_by_side

ESCAPE = "\x1b[2J"


def a_doubt(*candidates: Candidate, **changes: Any) -> Doubt:
    given: dict[str, Any] = {
        "load": f"/a{ESCAPE}.load", "line": 7, "offset": 9, "trace_id": "t",
        "message": f"lost{ESCAPE}", "properties": {"hs_call_title": f"Hi{ESCAPE}"},
        "candidates": candidates,
    }  # fmt: skip
    return Doubt(**(given | changes))


def a_candidate(title: str, *different: str) -> Candidate:
    return Candidate(
        id=f"12{ESCAPE}", equal=1, different=different,
        properties={"hs_call_title": title}, created_at="2026-01-01",
    )  # fmt: skip


def shown(doubt: Doubt) -> str:
    screen = Console(file=io.StringIO(), width=100, force_terminal=False)
    screen.print(side_by_side(doubt))
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_line_and_calls_stand_side_by_side():
    """A value in a row, and what the portal does not have as a dash."""
    missing = Candidate(id="3", equal=0, different=("hs_call_title",), properties={})
    text = shown(a_doubt(a_candidate("Hello"), missing))

    (row,) = (line for line in text.splitlines() if "hs_call_title" in line)
    assert row.index("Hi") < row.index("Hello") < row.index(" - ")
    assert "[2] call 3" in text


def test_no_value_steers_the_terminal_or_fills_it():
    """Control characters are escaped, and a long text is cut."""
    doubt = a_doubt(a_candidate(f"x{ESCAPE}" + "y" * 9_000))

    assert ESCAPE not in shown(doubt) + headline(doubt, 3)
    assert shown(doubt).count("y") < 400


def test_a_doubt_without_calls_says_that_this_proves_nothing():
    """Search lags."""
    assert "may be there all the same" in headline(a_doubt(), 1)
    assert "2 calls of this moment" in headline(
        a_doubt(a_candidate("a"), a_candidate("b")), 1
    )


def test_the_end_of_the_walk_names_the_command_that_sends():
    """Pasted into a shell it is one argument."""
    done = Resolution(settled=1, released=2, left=3, to_run=("my calls",))
    lines = [*resolution_lines(done)]

    assert lines == [
        "1 settled as created, 2 to be sent again, 3 left in doubt",
        "next: python -m loader run 'my calls'",
    ]
