"""HubSpot's refusals in words that say what to do."""

import json

import pytest

from loader.hubspot.advice import Advice
from loader.model.nearest import MOST_NAMES
from loader.model.verdict import (
    Doubt,
    ErrorKind,
    ItemCreated,
    ItemError,
    Proof,
    Refusal,
)

NAMES = ("hs_call_title", "hs_call_body", "colour")


def refused(*names: str) -> str:
    """Return HubSpot's words for names that it does not know."""
    listed = [
        {
            "isValid": False,
            "message": f'Property "{name}" does not exist',
            "error": "PROPERTY_DOESNT_EXIST",
            "name": name,
        }
        for name in names
    ]
    return f"Property values were not valid: {json.dumps(listed)}"


def said(message: str, advice: Advice | None = None) -> str:
    """Return what becomes of a message."""
    verdict = (advice or Advice(NAMES)).explained(Refusal("VALIDATION_ERROR", message))
    assert isinstance(verdict, Refusal)
    return verdict.message


def test_an_unknown_property_is_told_with_the_nearest_name():
    """Also where the message is JSON within a message, and for several names."""
    message = said(refused("hs_call_titel", "color"))

    assert message.startswith(refused("hs_call_titel", "color"))
    assert "nearest to hs_call_titel is hs_call_title" in message
    assert "nearest to color is colour" in message
    assert "hs_call_title" in said('Property "hs_call_titel" does not exist')


@pytest.mark.parametrize(
    "message",
    ["one or more associations are not valid", refused("quite_another"), ""],
)
def test_a_message_without_advice_stays_as_it_is(message: str):
    """HubSpot's own words are never replaced."""
    assert said(message) == message


def test_only_messages_of_errors_change():
    """What an answer proves stays what it is."""
    created = ItemCreated("7")
    error = ItemError(ErrorKind.INVALID, "VALIDATION_ERROR", refused("colou"), "c-1")
    proof = Proof({0: created, 1: error})

    explained = Advice(NAMES).explained(proof)

    assert isinstance(explained, Proof)
    assert explained.items[0] is created
    told = explained.items[1]
    assert isinstance(told, ItemError)
    assert (told.kind, told.category, told.correlation_id) == (
        ErrorKind.INVALID, "VALIDATION_ERROR", "c-1",
    )  # fmt: skip
    assert told.message.endswith("(nearest to colou is colour)")
    assert Advice(NAMES).explained(Proof({0: created})) == Proof({0: created})
    assert Advice(NAMES).explained(Doubt("x")) == Doubt("x")


def test_names_without_end_cost_no_time_without_end():
    """A load may have a new unknown name on every line."""
    advice = Advice(NAMES)
    for number in range(MOST_NAMES):
        said(refused(f"column_{number}"), advice)

    assert said(refused("colou"), advice) == refused("colou")


def test_a_portal_that_shows_no_properties_is_helped_by_what_is_documented():
    """Before preflight, and without the scope to read them."""
    assert "hs_call_status" in said(refused("hs_cal_status"), Advice())
