"""No text of a source, a portal or a name can steer a terminal."""

import json
import os
import re
from pathlib import Path

import msgspec
import pytest

from loader.model.summary import Ending, Summary
from loader.report.text import printable, promise_line, summary_lines
from loader.sandbox import Scenario, running
from tests.acceptance.conftest import Loader
from tests.acceptance.test_load import FREE, KEYED, connect
from tests.conftest import call

#: ESC, CR, BEL, BS, DEL, NUL, C1, overrides and isolates, separators, a lone surrogate
STEERING = "\x1b]0;x\x07\r\b\x7f\x85\x9b31m\u202e\u2066\u2028\u2029\u200f\n"
_CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


@pytest.mark.parametrize(
    "char",
    [*"\x1b\r\x07\b\x7f\x85\x9b\u202e\u2066\u2028\u2029\u200f\n\x00\udc80\ufeff\u061c"],
    ids=ascii,
)
def test_what_steers_is_escaped(char: str):
    """Each as its code; what people write is left alone."""
    assert printable(f"a{char}b").startswith("a\\")
    assert printable("Jürgen 电话 ☎") == "Jürgen 电话 ☎"


def test_every_line_of_a_summary_is_safe():
    """Names, reasons and fields come from others."""
    numbers = dict.fromkeys(
        ("lines", "created", "existing", "rejected", "in_doubt", "unread", "requests",
         "throttled", "retried", "seconds", "records_per_second"), 1,
    )  # fmt: skip
    texts = {
        "source": STEERING, "promise": STEERING, "portal_id": STEERING,
        "trace_property": STEERING, "reason": STEERING,
        "ignored_fields": {STEERING: 1},
    }  # fmt: skip
    summary = msgspec.convert(
        numbers | texts | {"finished": False, "ending": Ending.STOPPED}, Summary
    )
    lines = list(summary_lines(summary, source=STEERING, load_dir=STEERING))
    lines.append(promise_line("exactly-once", STEERING))

    assert all("\n" not in line and not _CONTROL.search(line) for line in lines)


async def test_names_of_files_and_options_are_shown_escaped(
    loader: Loader, tmp_path: Path
):
    """In messages, usage and progress; JSON stays JSON."""
    name = "calls\x1b[31m\x9b\u202e\n\udcff.ndjson"
    source = Path(os.fsdecode(os.fsencode(str(tmp_path)) + b"/" + os.fsencode(name)))
    source.write_text(json.dumps(call(1)) + "\n{broken\n")
    ended = [
        await loader("run", source, "--sandbox", "--rate", "none"),
        await loader("status", source),
        await loader("results", source, "--state", STEERING.replace("\x00", "")),
        await loader("run", source, f"--no-such-{STEERING}"),
        await loader(f"no-such-{STEERING}"),
    ]
    status = await loader("status", source, "--json")

    assert [each.status for each in ended] == [1, 0, 2, 2, 2]
    for each in ended:
        assert not _CONTROL.search(each.out + each.err), each.err
    assert status.status == 0, status.err


async def test_what_a_source_says_is_shown_escaped(loader: Loader, tmp_path: Path):
    """Fields it should not have, values the portal refuses, in either form of log."""
    source = tmp_path / "calls.ndjson"
    lines = [
        call(1) | {STEERING: 1},
        call(2, **{f"p{STEERING}": STEERING}),
        call(3, hs_call_direction=STEERING),
        {"properties": {STEERING: [1]}},
    ]
    source.write_text("".join(json.dumps(each) + "\n" for each in lines))
    async with running(scenario=Scenario(quota=FREE, installed=KEYED)) as portal:
        connect(loader, portal.base_url)
        text = await loader("run", source, "--rate", "none")
        logged = await loader("run", source, "--rate", "none", "--log-format", "json")
    rows = await loader("results", source)

    assert (text.status, logged.status) == (1, 1)
    assert not _CONTROL.search(text.out + text.err)
    for line in logged.err.splitlines():
        json.loads(line)
    assert [row["state"] for row in rows.rows] == ["created"] + ["rejected"] * 3
