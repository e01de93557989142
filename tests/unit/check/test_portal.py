"""A portal's own properties, owners and rules."""

import pytest

from loader.check.findings import MAX_KINDS, Level
from loader.model.catalogue import Catalogue, Limit, Owners, PropertyFacts
from tests.conftest import call
from tests.unit.check.examined import codes_of, examined, found

COLOURS = {"red": "Rot", "blue": "Blau"}


def catalogue(*more: PropertyFacts, owners: Owners | None = None) -> Catalogue:
    """Return a small portal with some properties more."""
    usual = (
        PropertyFacts("hs_timestamp", "datetime"),
        PropertyFacts("hs_call_title", "string"),
        PropertyFacts("hubspot_owner_id", "enumeration"),
        PropertyFacts("hs_call_duration", "number"),
    )
    return Catalogue({each.name: each for each in (*usual, *more)}, owners)


def custom(kind: str, *limits: Limit, **more: object) -> Catalogue:
    """Return a portal with a property ``x`` of a type."""
    return catalogue(PropertyFacts("x", kind, limits=limits, **more))


@pytest.mark.parametrize(
    ("portal", "value", "code"),
    [
        (custom("string"), "anything", None),
        (custom("number"), "1.5e3", None),
        (custom("number"), "1,5", "NOT_A_NUMBER"),
        (custom("bool"), "true", None),
        (custom("bool"), "yes", "NOT_A_BOOLEAN"),
        (custom("date"), "2024-06-03", None),
        (custom("date"), "1717400000000", "DATE_FORMAT"),
        (custom("datetime"), "1717400000000", None),
        (custom("datetime"), "soon", "TIME_FORMAT"),
        (custom("enumeration", options=COLOURS), "red", None),
        (custom("enumeration", options=COLOURS), "red;blue", "NOT_AN_OPTION"),
        (custom("enumeration", options=COLOURS, is_multiple=True), "red;blue", None),
        (
            custom("enumeration", options=COLOURS, is_multiple=True),
            "red;pink",
            "NOT_AN_OPTION",
        ),
        (custom("enumeration"), "not listed by the portal", None),
        (custom("string", is_read_only=True), "1", "READ_ONLY"),
        (custom("number", is_calculated=True), "1", "READ_ONLY"),
        (custom("string", Limit("MAX_LENGTH", ("3",))), "abc", None),
        (custom("string", Limit("MAX_LENGTH", ("3",))), "abcd", "VALIDATION_RULE"),
        (custom("string", Limit("MIN_LENGTH", ("3",))), "ab", "VALIDATION_RULE"),
        (custom("number", Limit("MIN_NUMBER", ("3",))), "2.9", "VALIDATION_RULE"),
        (custom("number", Limit("MAX_NUMBER", ("3",))), "3", None),
        (custom("number", Limit("MAX_NUMBER", ("3",))), "x", "NOT_A_NUMBER"),
        (
            custom("string", Limit("ALPHANUMERIC", ("NUMERIC_ONLY",))),
            "12a",
            "VALIDATION_RULE",
        ),
        (custom("string", Limit("REGEX", ("[a-z]+",))), "12a", None),
        (custom("string", Limit("MAX_LENGTH", ("odd",))), "12a", None),
        (custom("string", Limit("MAX_LENGTH")), "12a", None),
    ],
)
def test_a_value_is_held_to_the_portals_own_words(
    portal: Catalogue, value: str, code: str | None
):
    """By type, options, rules; what we cannot judge we let pass."""
    assert codes_of("x", value, portal) == ([] if code is None else [code])


def test_an_option_is_suggested_by_its_label():
    """People write what they see on the screen."""
    (tally,) = found(
        [call(1, x="rot")], custom("enumeration", options=COLOURS)
    ).values()

    assert "perhaps red was meant" in tally.kind.message


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("hs_call_titel", "hs_call_title"),
        ("HS_Call_Title", "hs_call_title"),
        ("hs call title", "hs_call_title"),
        ("call_title", "hs_call_title"),
        ("colour", None),
        ("x" * 5000, None),
    ],
)
def test_an_unknown_name_is_refused_and_the_nearest_suggested(
    name: str, meant: str | None
):
    """A slip of the finger, another case; nothing where nothing is near."""
    (tally,) = found([call(1, **{name: "x"})], catalogue()).values()

    assert (tally.kind.code, tally.kind.level) == ("UNKNOWN_PROPERTY", Level.REFUSED)
    assert tally.kind.subject is not None
    assert name.startswith(tally.kind.subject[:97])
    assert len(tally.kind.subject) <= 100
    assert ("meant" in tally.kind.message) is (meant is not None)
    assert (meant or "") in tally.kind.message


def test_an_unknown_name_is_refused_also_without_a_value():
    """The portal does not know it, whatever it would hold."""
    assert codes_of("colour", "", catalogue()) == ["UNKNOWN_PROPERTY"]


def test_unknown_names_without_end_are_counted_together():
    """Memory stays bounded, and each line is counted."""
    lines = [call(n, **{f"column_{n}": "x"}) for n in range(1, 2_000)]

    examiner = examined(lines, catalogue())

    assert len(examiner.findings.found()) <= MAX_KINDS + 10
    assert examiner.worst[Level.REFUSED] == 1_999


def test_owners_are_compared_with_the_portals():
    """One that was deactivated is told apart from one that never was."""
    portal = catalogue(owners=Owners(frozenset({"1"}), frozenset({"9"})))

    assert codes_of("hubspot_owner_id", "1", portal) == []
    assert codes_of("hubspot_owner_id", "", portal) == []
    assert codes_of("hubspot_owner_id", "9", portal) == ["OWNER_ARCHIVED"]
    assert codes_of("hubspot_owner_id", "5", portal) == ["OWNER_UNKNOWN"]


def test_owners_that_are_not_shown_are_only_looked_at():
    """Without the scope to read owners, an ID must at least be a number."""
    assert codes_of("hubspot_owner_id", "5", catalogue()) == []
    assert codes_of("hubspot_owner_id", "Ada", catalogue()) == ["OWNER_FORM"]
