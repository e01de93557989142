"""HubSpot's rules for calls, line by line, without a portal."""

import pytest

from loader.check.calls import DISPOSITIONS
from loader.check.findings import FIRST_LINES, Level
from tests.conftest import call
from tests.unit.check.examined import codes_of, examined, found


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("hs_call_direction", "INBOUND", None),
        ("hs_call_direction", "", None),
        ("hs_call_direction", "inbound", "NOT_AN_OPTION"),
        ("hs_call_status", "NO_ANSWER", None),
        ("hs_call_status", "DONE", "NOT_AN_OPTION"),
        ("hs_call_source", "INTEGRATIONS_PLATFORM", None),
        ("hs_call_source", "AIRCALL", "NOT_AN_OPTION"),
        ("hs_call_disposition", DISPOSITIONS["Busy"], None),
        ("hs_call_disposition", "00000000-0000-0000-0000-000000000000", None),
        ("hs_call_disposition", "Connected", "DISPOSITION"),
        ("hs_call_recording_url", "https://example.com/a.mp3", None),
        ("hs_call_recording_url", "HTTPS://example.com/a.mp3", None),
        ("hs_call_recording_url", "http://example.com/a.mp3", "RECORDING_URL"),
        ("hs_call_recording_url", "a.mp3", "RECORDING_URL"),
        ("hs_call_duration", "61000", None),
        ("hs_call_duration", "61000.5", None),
        ("hs_call_duration", "0", None),
        ("hs_call_duration", "1:01", "NOT_A_NUMBER"),
        ("hs_call_duration", "61 s", "NOT_A_NUMBER"),
        ("hs_call_duration", "-5", "DURATION_NEGATIVE"),
        ("hs_call_duration", "86400001", "DURATION_LONG"),
        ("hs_call_duration", "9" * 5000, "DURATION_LONG"),
        ("hubspot_owner_id", "12345", None),
        ("hubspot_owner_id", "ada@example.com", "OWNER_FORM"),
        ("hs_call_callee_object_id", "x", "NOT_A_NUMBER"),
        ("hs_object_id", "5", "READ_ONLY"),
        ("any_custom_property", "anything", None),
    ],
)
def test_a_value_is_held_to_what_hubspot_documents(
    name: str, value: str, code: str | None
):
    """Each rule by itself; a custom property is the portal's affair."""
    assert codes_of(name, value) == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("hs_call_direction", "outbound", "OUTBOUND"),
        ("hs_call_direction", "OUTBOND", "OUTBOUND"),
        ("hs_call_status", "No Answer", "NO_ANSWER"),
        ("hs_call_disposition", "left voicemail", DISPOSITIONS["Left voicemail"]),
    ],
)
def test_what_was_meant_is_suggested(name: str, value: str, meant: str):
    """The option nearest to a slip, or the GUID of an outcome's name."""
    (tally,) = found([call(1, **{name: value})]).values()

    assert meant in tally.kind.message
    assert tally.kind.subject == name


def durations(*values: int) -> list[str]:
    """Return the codes for calls that last so long."""
    return [*found([call(n, hs_call_duration=str(v)) for n, v in enumerate(values)])]


def test_durations_in_seconds_show_when_nearly_all_are_short():
    """One short call is a short call; twenty of them are seconds."""
    assert durations(*range(5, 600, 30)) == ["DURATION_IN_SECONDS"]
    assert durations(30, 45) == []
    assert durations(*range(5, 600, 30), 61_000, 61_000, 61_000) == []
    assert durations(*([0] * 50)) == []


def test_durations_in_seconds_count_as_problems():
    """They load, as calls that nobody could have had."""
    examiner = examined([call(n, hs_call_duration=str(n)) for n in range(1, 41)])

    assert examiner.worst[Level.WRONG] == 40


def linked(*types: tuple[str, int], target: str = "5") -> list[str]:
    """Return the codes for a call with an association of these types."""
    link = {
        "to": {"id": target},
        "types": [
            {"associationCategory": category, "associationTypeId": number}
            for category, number in types
        ],
    }
    return [*found([call(1) | {"associations": [link]}])]


def test_a_reversed_association_is_recognised_and_explained():
    """The four usual ones, each with the number that was meant."""
    for given, meant in ((193, 194), (181, 182), (205, 206), (219, 220)):
        line = call(1)
        line["associations"][0]["types"][0]["associationTypeId"] = given

        (tally,) = found([line]).values()

        assert tally.kind.code == "ASSOCIATION_REVERSED"
        assert tally.kind.level is Level.REFUSED
        assert str(meant) in tally.kind.advice


@pytest.mark.parametrize(
    ("category", "number", "codes"),
    [
        ("HUBSPOT_DEFINED", 220, []),
        ("HUBSPOT_DEFINED", 12, ["ASSOCIATION_UNKNOWN"]),
        ("USER_DEFINED", 12, []),
        ("USER_DEFINED", 193, []),
        ("USER_DEFINED", 194, ["ASSOCIATION_MISFILED"]),
    ],
)
def test_a_type_of_association_is_judged_with_its_category(
    category: str, number: int, codes: list[str]
):
    """A portal's own types are its own affair."""
    assert linked((category, number)) == codes


def test_a_target_that_is_no_number_is_refused():
    """An e-mail address is no record ID."""
    assert linked(("HUBSPOT_DEFINED", 194), target="a@b.c") == ["ASSOCIATION_TARGET"]


def test_a_call_without_association_is_warned_of():
    """Nobody would see it on any timeline."""
    (tally,) = found([call(1) | {"associations": []}]).values()

    assert (tally.kind.code, tally.kind.level) == ("NO_ASSOCIATION", Level.WARNING)


def test_a_finding_has_the_count_and_the_first_lines():
    """At most five numbers, however many lines there are."""
    (tally,) = found([call(n, hs_call_status="DONE") for n in range(1, 41)]).values()

    assert tally.lines == 40
    assert tally.first == [1, 2, 3, 4, 5] == [*range(1, FIRST_LINES + 1)]


def test_a_line_counts_once_for_a_kind_and_once_in_all():
    """Two associations the wrong way round are one line with a problem."""
    line = call(1, hs_call_status="DONE")
    link = line["associations"][0]
    link["types"][0]["associationTypeId"] = 193

    examiner = examined([line | {"associations": [link, link]}])

    assert [each.lines for each in examiner.findings.found()] == [1, 1]
    assert examiner.worst[Level.REFUSED] == 1


def test_no_value_is_in_a_finding():
    """They are personal; names of properties, counts and lines are not."""
    lines = [
        call(
            1,
            hs_timestamp="canary",
            hs_call_status="canary",
            hs_call_disposition="canary",
            hs_call_recording_url="canary",
            hs_call_duration="canary",
            hubspot_owner_id="canary",
        ),
        b'{"properties": {"hs_timestamp": ["canary"]}}',
        b"canary",
    ]

    shown = repr(examined(lines).findings.found())

    assert "hs_call_status" in shown
    assert "canary" not in shown


def test_names_without_end_are_counted_together():
    """Memory stays bounded, whatever a source holds."""
    lines = [
        call(n, hs_call_status=f"X{n}", hs_call_direction=f"OUTBOUN{n}")
        for n in range(1, 2_000)
    ]

    assert len(examined(lines).findings.found()) < 20
