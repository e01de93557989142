"""Why records were refused: in groups that are few, and without what is personal."""

import json
from typing import Any

import pytest

from loader.model.outcome import State
from loader.model.result import Result
from loader.report import groups
from loader.report.groups import Grouping
from loader.report.masking import MASK, likeness, masked, readable, values_of


def a_result(line: int, message: str, **changes: Any) -> Result:
    given: dict[str, Any] = {
        "line": line, "offset": 100 * line, "trace_id": f"t-{line}",
        "state": State.REJECTED, "category": "VALIDATION_ERROR", "message": message,
        "correlation_id": "c-1",
    }  # fmt: skip
    return Result(**(given | changes))


def a_record(**properties: Any) -> bytes:
    return json.dumps({"properties": properties}).encode()


PERSONAL = {
    "hs_call_title": 'Jane "J" Canary',
    "hs_call_to_number": "+49 151 99",
    "hs_call_body": "She said: call me under 0151 99 after six. " * 9,
    "hs_call_direction": "SIDEWAYS",
    "short": "NO",
    "name": "张三",
    "number": 4711,
    "list": [{"deep": "Ärger"}],
}


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("SIDEWAYS was not one of the options", "••• was not one of the options"),
        ("sideways was not one of the options", "••• was not one of the options"),
        ('Jane "J" Canary is too long', "••• is too long"),
        (r'{"value":"Jane \"J\" Canary"}', '{"value":"•••"}'),
        ("+49 151 99 is no number", "••• is no number"),
        ("'NO' is bad, NOTHING is", "'•••' is bad, NOTHING is"),
        ("值是张三。", "值是•••。"),
        ("4711 of 14711", "••• of 14711"),
        ("ärger with it", "••• with it"),
        ("write to jane@canary.example!", "write to •••!"),
        ("Existing ID: 171591000198", "Existing ID: •••"),
        ("the limit is 65,536 characters", "the limit is 65,536 characters"),
        ("hs_call_direction is bad", "hs_call_direction is bad"),
    ],
)  # fmt: skip
def test_a_message_is_shown_without_the_values_of_its_record(message: str, shown: str):
    """However the portal writes them; the reason itself stays."""
    assert masked(message, values_of(a_record(**PERSONAL))) == shown


def test_a_value_that_the_portal_cut_off_is_taken_out():
    """Its beginning is looked for, too."""
    said = f"'{PERSONAL['hs_call_body'][:60]}...' is too long"
    shown = masked(said, values_of(a_record(**PERSONAL)))

    assert "call me" not in shown
    assert MASK in shown


def test_the_list_inside_a_message_is_put_into_words():
    """HubSpot writes JSON into it; whatever cannot be read stays as it is."""
    fault = {"isValid": False, "message": "soon was not a valid number.",
             "error": "INVALID_INTEGER", "name": "hs_call_duration"}  # fmt: skip
    listed = f"Property values were not valid: {json.dumps([fault, {'message': 'm'}])}"

    assert readable(listed) == "hs_call_duration: soon was not a valid number.; m"
    for end in ("[{", "[]", "no list"):
        odd = f"Property values were not valid: {end}"
        assert readable(odd) == odd


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"\xff", b"[[[[[[[[[[[[[1]]]]]]]]]]]]]", b"7"]
)
def test_a_line_that_is_no_record_has_no_values(raw: bytes):
    """And no trouble."""
    assert all(len(value) > 1 for value in values_of(raw))


def test_what_differs_in_numbers_alone_is_one_reason():
    """Columns and bytes differ from line to line; names of properties do not."""
    assert likeness("column 9 of x_1") == likeness("column 10 of x_1")
    assert likeness("x_1") != likeness("x_2")


def test_records_are_grouped_by_reason_the_most_frequent_first():
    """With counts, first lines, and a few examples without anything personal."""
    raws = {line: a_record(a=f"value {line}") for line in range(1, 40)}
    grouping = Grouping(lambda result: raws[result.line], with_data=False)
    grouping.add(a_result(1, "bad", category="OTHER"))
    for line in range(2, 40):
        grouping.add(a_result(line, f"value {line} is bad (byte {line})"))
    first, second = grouping.groups().shown

    assert (first.number, first.message) == (38, "••• is bad (byte 2)")
    assert first.first_lines == list(range(2, 12))
    assert [each.line for each in first.examples] == [2, 3, 4]
    assert {each.record for each in first.examples} == {None}
    assert {each.trace_id for each in first.examples} == {None}
    assert (second.category, second.number) == ("OTHER", 1)


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("the batch was refused (VALIDATION_ERROR: Jane is no option)",
         "the batch was refused (VALIDATION_ERROR)"),
        ("RATE_LIMITS: call Jane (0151) later", "RATE_LIMITS"),
        ("ServerDisconnectedError (Connection reset by peer)",
         "ServerDisconnectedError (Connection reset by peer)"),
        ("HTTP 503", "HTTP 503"),
    ],
)  # fmt: skip
def test_a_doubt_is_told_without_the_portals_words(reason: str, shown: str):
    """They are of the whole batch, and may quote the value of another record."""
    grouping = Grouping(lambda _: a_record(a="mine"), with_data=False)
    grouping.add(a_result(1, reason, state=State.IN_DOUBT, category=None))

    (group,) = grouping.groups().shown
    assert group.message == shown


def test_what_was_added_to_a_message_stays_behind_its_list():
    """Such as the name of the property that was meant."""
    listed = '[{"isValid":false,"message":"no such name","name":"hs_titel"}]'
    said = f"Property values were not valid: {listed} (nearest to hs_titel is x)"

    assert readable(said) == "hs_titel: no such name (nearest to hs_titel is x)"


def test_with_data_examples_are_whole_but_bounded():
    """The record and the message as they were, cut to a length."""
    raw = a_record(a="Jane", b="x" * 5000) + b"\n"
    grouping = Grouping(lambda _: raw, with_data=True)
    grouping.add(a_result(1, "Jane is bad " + "y" * 5000))
    (group,) = grouping.groups().shown
    (example,) = group.examples

    assert group.message.startswith("••• is bad")
    assert (example.message or "").startswith("Jane is bad")
    assert (example.record or "").startswith('{"properties": {"a": "Jane"')
    assert all(len(text or "") <= 600 for text in (group.message, example.message,
                                                   example.record))  # fmt: skip


def test_however_many_reasons_there_are_few_are_kept(monkeypatch: pytest.MonkeyPatch):
    """A portal may say something else of each record; all are counted."""
    monkeypatch.setattr(groups, "KEPT", 50)
    grouping = Grouping(lambda _: b"", with_data=False)
    for line in range(1, 301):
        word = f"{line:b}".replace("0", "a").replace("1", "b")
        for _ in range(2 if line == 7 else 1):
            grouping.add(a_result(line, f"{word} is bad"))
    found = grouping.groups()

    assert len(found.shown) == groups.SHOWN
    assert found.shown[0].number == 2
    assert sum(group.number for group in found.shown) + found.others == 301
