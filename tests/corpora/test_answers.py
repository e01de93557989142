"""Every answer falls into its class, and none creates what it does not name."""

from dataclasses import replace

import pytest

from loader.hubspot.verdict import RawAnswer, judge_create
from loader.model.verdict import (
    CreateVerdict,
    Doubt,
    ErrorKind,
    Halt,
    ItemCreated,
    ItemError,
    Oversized,
    Proof,
    Refusal,
    Unsent,
    Wait,
)
from tests.corpora import batches, refused
from tests.corpora.answers import (
    ALARM,
    IN_DOUBT,
    NOT_APPLIED,
    SENT,
    Answer,
    Expected,
)
from tests.corpora.nameless import NAMELESS

BATCHES = [*batches.ANSWERS, *NAMELESS]
_KINDS = {
    ErrorKind.INVALID: "rejected",
    ErrorKind.CLASH: "taken",
    ErrorKind.TRANSIENT: "not now",
}


def class_of(verdict: CreateVerdict) -> Expected:
    """Say of a verdict which class it is, or what it proves of whom."""
    match verdict:
        case Wait() | Unsent() | Oversized() | Halt():
            return NOT_APPLIED
        case Proof(items):
            return {position: _proved(item) for position, item in items.items()}
        case Doubt(alarm=True):
            return ALARM
        case Doubt() | Refusal():
            return IN_DOUBT


def _proved(item: ItemCreated | ItemError) -> str:
    if isinstance(item, ItemCreated):
        return f"created {item.object_id}"
    return _KINDS[item.kind]


def judged(answer: Answer) -> CreateVerdict:
    """Judge an answer to the create of three records."""
    raw = RawAnswer(answer.status, answer.headers, answer.body)
    return judge_create(raw, SENT, answer.trace_property)


def test_the_tables_are_large_and_name_each_answer_once():
    """A name tells which answer a failure is about."""
    for table, least in ((refused.ANSWERS, 200), (BATCHES, 240)):
        assert len({each.name for each in table}) == len(table) >= least


@pytest.mark.parametrize("answer", refused.ANSWERS, ids=str)
def test_an_answer_that_is_no_batch(answer: Answer):
    """Not applied is what the protocol lists, and nothing else; no body changes it."""
    assert class_of(judged(answer)) == answer.expected


@pytest.mark.parametrize("answer", BATCHES, ids=str)
def test_an_answer_that_is_a_batch_or_nearly(answer: Answer):
    """The same with 200, 201 and 207: each item by itself, or all in doubt."""
    for status in batches.OK:
        verdict = judged(replace(answer, status=status))

        assert class_of(verdict) == answer.expected


def test_no_status_makes_a_call_but_200_201_and_207():
    """Whatever stands in the body: here, what would prove all."""
    whole = batches.ANSWERS[0]
    creating = {
        status
        for status in range(1000)
        if isinstance(judged(replace(whole, status=status)), Proof)
    }

    assert creating == set(batches.OK)


def test_no_status_is_called_not_applied_but_those_of_the_protocol():
    """The list is exhaustive, and the default is in doubt."""
    whole = batches.ANSWERS[0]
    not_applied = {
        status
        for status in range(1000)
        if class_of(judged(replace(whole, status=status))) == NOT_APPLIED
    }

    assert not_applied == set(refused.REFUSED_BY_STATUS)
