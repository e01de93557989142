"""What counts as equal to what was sent, and what is told of the rest."""

import pytest

from loader.hubspot.comparison import (
    differing_links,
    differing_properties,
    is_same,
    read_content,
)
from loader.hubspot.linked import Kind

CONTACT = Kind("HUBSPOT_DEFINED", 194)
OWN = Kind("USER_DEFINED", 7)


@pytest.mark.parametrize(
    ("kind", "sent", "found"),
    [
        ("string", "a", "a"),
        ("string", " a\r\nb ", "a\nb"),
        ("string", "", ""),
        ("datetime", "1700000000000", "2023-11-14T22:13:20Z"),
        ("datetime", "2023-11-14T23:13:20+01:00", "2023-11-14T22:13:20.000Z"),
        ("date", "1699920000000", "2023-11-14"),
        ("number", "1.50", "1.5"),
        ("number", "1e3", "1000"),
        ("number", "007", "7"),
        ("bool", "TRUE", "true"),
        ("enumeration", "a;b", "b;a"),
    ],
)
def test_the_same_said_in_another_form_is_equal(kind: str, sent: str, found: str):
    """The type of the property says which forms it has."""
    assert is_same(sent, found, kind)


@pytest.mark.parametrize(
    ("kind", "sent", "found"),
    [
        ("string", "a", "A"),
        ("string", "a  b", "a b"),
        ("string", "007", "7"),
        ("string", "1700000000000", "2023-11-14T22:13:20Z"),
        ("string", "a", ""),
        ("datetime", "1700000000000", "2023-11-14T22:13:21Z"),
        ("datetime", "soon", "later"),
        ("number", "1.50", "1.51"),
        ("number", "NaN", "nan"),
        ("number", "x", "y"),
        ("enumeration", "a", "a;b"),
        ("phone_number", "+49151", "0151"),
    ],
)
def test_anything_else_differs(kind: str, sent: str, found: str):
    """What a person would call another value is one."""
    assert not is_same(sent, found, kind)


def test_a_difference_says_which_property_and_how_without_its_value():
    """Lengths help to see that a text was cut; what came on top is none of ours."""
    sent = {"title": "secret", "body": "x" * 300, "gone": "y", "kept": "z"}
    found = {"title": "Secret", "body": "x", "gone": None, "kept": "z", "extra": "1"}

    told = {each.name: each for each in differing_properties(sent, found, {})}

    assert list(told) == ["title", "body", "gone"]
    assert told["title"].how == "another value on the portal"
    assert told["body"].how == "another value on the portal (1 characters, sent 300)"
    assert told["gone"].how == "no value on the portal"
    assert told["body"].sent == "x" * 200


def test_an_association_is_there_if_its_very_type_is():
    """Others may have been added; a type that nobody can ask for is told."""
    sent = [("1", CONTACT), ("2", CONTACT), ("3", OWN)]
    found = {"contacts": {"1": frozenset({CONTACT, OWN}), "2": frozenset({OWN})}}

    told = list(differing_links(sent, found, {CONTACT: "contacts"}))

    assert [(each.name, each.how) for each in told] == [
        ("contacts 2, HUBSPOT_DEFINED 194", "not on the portal"),
        (
            "record 3, USER_DEFINED 7",
            "cannot be asked for: the portal does not list this type",
        ),
    ]


def test_content_gives_each_record_with_each_type():
    """As the line had them."""
    content = read_content(
        b'{"associations":[{"to":{"id":"1"},"types":['
        b'{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":194},'
        b'{"associationCategory":"USER_DEFINED","associationTypeId":7}]}],'
        b'"properties":{"a":"b"}}'
    )

    assert list(content.links()) == [("1", CONTACT), ("1", OWN)]
