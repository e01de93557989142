"""What a portal tells of itself beside preflight, and what of it is believed."""

from typing import Any

import orjson
import pytest

from loader.hubspot.preflight import Denied, NotThere, Property, judge_properties
from loader.hubspot.raw import RawAnswer
from loader.hubspot.survey import (
    OwnerPage,
    Rules,
    facts_of,
    judge_owners,
    judge_rules,
    judge_usage,
)
from loader.model.catalogue import Limit, Usage
from loader.model.verdict import Failed, Halt

JSON = {"content-type": "application/json"}
DAY = {"x-hubspot-ratelimit-daily": "250000"}


def answer(status: int, body: Any, **headers: str) -> RawAnswer:
    """Return an answer with a JSON body."""
    return RawAnswer(status, JSON | headers, orjson.dumps(body))


def facts(**property_: Any) -> Any:
    """Return what is known of one property."""
    found = judge_properties(answer(200, {"results": [{"name": "x", **property_}]}))
    assert isinstance(found, tuple)
    return facts_of(found, {"x": (Limit("MAX_LENGTH", ("3",)),)}).get("x")


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ([{"value": "a", "label": "A"}, {"value": "b"}], {"a": "A", "b": ""}),
        ([{"value": "a", "label": "A"}, {"value": "b", "label": "A"}],
         {"a": "A", "b": "A"}),
        ([], None),
        (None, None),
        ("odd", None),
        ([{"label": "no value"}], None),
    ],
)  # fmt: skip
def test_options_are_taken_with_their_labels_or_not_at_all(given: Any, options: Any):
    """An odd list of them must not stand in the way of anything else."""
    told = facts(type="enumeration", options=given)

    assert told.options == options
    assert told.limits == (Limit("MAX_LENGTH", ("3",)),)


def test_what_is_kept_elsewhere_and_what_is_archived_is_left_alone():
    """Options of owners and the like; a property that is not there any more."""
    external = facts(options=[{"value": "a"}], externalOptions=True)

    assert external.options is None
    assert facts(archived=True) is None
    assert facts(calculated=True).is_calculated
    assert facts(fieldType="checkbox").is_multiple
    assert facts(modificationMetadata={"readOnlyValue": True}).is_read_only


def test_owners_come_in_pages():
    """IDs may be numbers; the last page leads nowhere."""
    page = judge_owners(
        answer(200, {"results": [{"id": "1"}, {"id": 2}],
                     "paging": {"next": {"after": "2"}}})
    )  # fmt: skip
    last = judge_owners(answer(200, {"results": [], "paging": {}}))

    assert isinstance(page, OwnerPage)
    assert (page.ids, page.after) == ({"1", "2"}, "2")
    assert isinstance(last, OwnerPage)
    assert last.after is None


@pytest.mark.parametrize("judge", [judge_owners, judge_rules])
def test_a_refusal_is_a_value(judge: Any):
    """One question's, and not the end of the check; a refused token is."""
    missing = {
        "category": "MISSING_SCOPES",
        "message": "m",
        "errors": [{"message": "m", "context": {"requiredGranularScopes": ["a.b"]}}],
    }

    denied = judge(answer(403, missing))

    assert isinstance(denied, Denied)
    assert "lacks the scope a.b" in denied.why("other")
    assert "lacks the scope other" in judge(answer(403, {})).why("other")
    assert judge(answer(404, {})) == NotThere()
    assert isinstance(judge(answer(401, {})), Halt)
    assert isinstance(judge(answer(200, [])), Failed)


def test_rules_are_sorted_by_property():
    """With their arguments as text."""
    found = judge_rules(
        answer(200, {"results": [{
            "propertyName": "age",
            "propertyValidationRules": [
                {"ruleType": "MIN_NUMBER", "ruleArguments": [1]},
            ],
        }]})
    )  # fmt: skip

    assert isinstance(found, Rules)
    assert found.by_property() == {"age": (Limit("MIN_NUMBER", ("1",)),)}


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        (answer(200, {"results": [{"usageLimit": 9, "currentUsage": 3}]}), Usage(9, 3)),
        (answer(200, {"results": [{"usageLimit": 9}]}), Usage(9, None)),
        (answer(200, {"results": [{}]}, **DAY), Usage(250_000)),
        (answer(200, {"results": []}), Usage()),
        (answer(403, {}, **DAY), Usage(250_000)),
        (answer(404, {}), Usage()),
        (answer(404, {}, **{"x-hubspot-ratelimit-daily": "many"}), Usage()),
        (answer(404, {}, **{"x-hubspot-ratelimit-daily": "0"}), Usage()),
    ],
)
def test_the_day_is_told_by_the_account_or_by_a_header(told: RawAnswer, usage: Usage):
    """Else by nobody, and the forecast takes the smallest."""
    assert judge_usage(told) == usage


def test_a_property_with_odd_options_is_still_a_trace_property():
    """A load needs no options."""
    found = judge_properties(
        answer(200, {"results": [{"name": "t", "hasUniqueValue": True, "options": 5}]})
    )

    assert isinstance(found, tuple)
    assert isinstance(found[0], Property)
    assert found[0].carries_ids
