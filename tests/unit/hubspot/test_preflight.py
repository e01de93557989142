"""What a portal says of itself, and the order in which the key is looked for."""

import orjson
import pytest

from loader.errors import UsageError
from loader.hubspot.preflight import (
    Account,
    Denied,
    NotThere,
    Property,
    choose_trace_property,
    judge_account,
    judge_group,
    judge_groups,
    judge_properties,
    judge_property,
    new_group,
    new_property,
)
from loader.hubspot.verdict import RawAnswer
from loader.model.verdict import Failed, Halt, HaltReason, Wait

JUDGES = [judge_account, judge_properties, judge_property, judge_groups, judge_group]
JSON = {"content-type": "application/json"}


def answer(status, body):
    """Return an answer with a JSON body, or with raw bytes."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return RawAnswer(status, JSON, data)


def a_property(name, *, unique=True, read_only=False, **more):
    """Return a property as the portal describes it."""
    body = {
        "name": name,
        "type": "string",
        "hasUniqueValue": unique,
        "modificationMetadata": {"readOnlyValue": read_only, "archivable": True},
        "options": [],
    }
    found = judge_property(answer(200, body | more))
    assert isinstance(found, Property)
    return found


OWN = a_property("loader_trace_id")
BUILT_IN = a_property("hs_unique_id")
OTHER = a_property("source_call_id")


@pytest.mark.parametrize(
    ("properties", "wanted", "expected"),
    [
        ([OWN, BUILT_IN, OTHER], "source_call_id", "source_call_id"),
        ([BUILT_IN, OWN], None, "loader_trace_id"),
        ([BUILT_IN, OTHER], None, "hs_unique_id"),
        ([a_property("loader_trace_id", unique=False), BUILT_IN], None, "hs_unique_id"),
        (
            [a_property("loader_trace_id", type="number"), BUILT_IN],
            None,
            "hs_unique_id",
        ),
        ([a_property("hs_unique_id", read_only=True)], None, None),
        ([a_property("hs_unique_id", unique=None)], None, None),
        ([a_property("hs_unique_id", modificationMetadata=None)], None, None),
        ([a_property("loader_trace_id", archived=True)], None, None),
        ([OTHER], None, None),
        ([], None, None),
    ],
)
def test_the_key_is_looked_for_in_order(properties, wanted, expected):
    """The user's word, our own property, the portal's own; else none: hold mode."""
    assert expected == choose_trace_property(properties, wanted)


def test_our_own_property_needs_no_word_about_writing():
    """We made it writable; only the undocumented one must say so."""
    silent = a_property("loader_trace_id", modificationMetadata=None)

    assert choose_trace_property([silent], None) == "loader_trace_id"


def test_a_wanted_property_that_is_missing_is_named_with_what_to_do():
    """Nothing is put in its place unasked."""
    with pytest.raises(UsageError, match=r"'nope'.*prepare"):
        choose_trace_property([OWN], "nope")


@pytest.mark.parametrize(
    "unfit",
    [{"unique": False}, {"read_only": True}, {"type": "number"}, {"archived": True}],
)
def test_a_wanted_property_that_cannot_carry_ids_is_refused(unfit):
    """Going on without uniqueness would break the promise."""
    with pytest.raises(UsageError, match=r"'mine'.*unique values"):
        choose_trace_property([a_property("mine", **unfit), OWN], "mine")


@pytest.mark.parametrize("portal_id", [62515, "62515"])
def test_the_account_tells_its_id_and_zone(portal_id):
    """HubSpot prints the ID as a number; a text serves too."""
    body = {"portalId": portal_id, "timeZone": "Europe/Berlin", "accountType": "X"}

    assert judge_account(answer(200, body)) == Account(portal_id, "Europe/Berlin")


@pytest.mark.parametrize(
    "body", [{}, [], {"portalId": ""}, {"portalId": None}, b"<html>", b"\xff", b""]
)
def test_an_account_without_an_id_is_asked_again(body):
    """A load belongs to one portal, so there is no going on without."""
    assert isinstance(judge_account(answer(200, body)), Failed)


def test_an_account_that_may_not_be_asked_halts_with_what_to_do():
    """The scope for creating calls would not help here, so it is not named."""
    for body in ({"message": "no way"}, b"<html>"):
        halt = judge_account(answer(403, body))

        assert isinstance(halt, Halt)
        assert "account's details" in halt.message
        assert "crm.objects" not in halt.message


def test_an_account_that_is_not_there_points_to_the_address():
    """Most likely it is not HubSpot at all."""
    halt = judge_account(answer(404, b"<html>"))

    assert isinstance(halt, Halt)
    assert halt.reason is HaltReason.WRONG_ENDPOINT
    assert "HUBSPOT_BASE_URL" in halt.message


@pytest.mark.parametrize("judge", JUDGES)
def test_every_question_waits_stops_or_is_asked_again_like_a_create(judge):
    """The same statuses mean the same for whatever was asked."""
    assert isinstance(judge(answer(429, {})), Wait)
    assert isinstance(judge(answer(429, {"policyName": "DAILY"})), Halt)
    assert isinstance(judge(answer(401, {})), Halt)
    for status in (202, 204, 302, 423, 500, 503, 524):
        assert isinstance(judge(answer(status, b"")), Failed)
    assert isinstance(judge(answer(200, b"{")), Failed)


@pytest.mark.parametrize("judge", JUDGES[1:])
def test_a_refusal_is_told_in_the_portals_words(judge):
    """403 and 409 are answers here: hold mode, or "it exists"."""
    body = {"category": "MISSING_SCOPES", "message": "m" * 900}

    assert judge(answer(403, body)) == Denied(403, "MISSING_SCOPES", "m" * 300)
    assert judge(answer(409, b"")) == Denied(409, "HTTP_409", "no reason given")
    assert judge(answer(404, b"")) == NotThere()


def test_lists_and_single_answers_are_read():
    """Whatever else they hold is left aside."""
    listed = {"results": [{"name": "a", "hasUniqueValue": None}, {"name": "b"}]}

    assert judge_properties(answer(200, listed)) == (Property("a"), Property("b"))
    assert judge_groups(answer(200, listed)) == ("a", "b")
    assert judge_group(answer(201, {"name": "call_loader"})) == "call_loader"


def test_what_prepare_posts_is_unique_text():
    """It cannot be made unique afterwards."""
    posted = new_property("some_group")

    assert posted["hasUniqueValue"] is True
    assert (posted["type"], posted["fieldType"]) == ("string", "text")
    assert (posted["name"], posted["groupName"]) == ("loader_trace_id", "some_group")
    assert new_group()["name"] == "call_loader"
