"""Every answer to a read tells who is there, and calls nobody absent without reason."""

import pytest

from loader.hubspot.verdict import RawAnswer, judge_read
from loader.model.verdict import Failed, Found, Halt, ReadVerdict, Unclear, Unsent, Wait
from tests.corpora.answers import NOT_APPLIED, TRACE
from tests.corpora.reads import AGAIN, LESS, READS, Read


def class_of(verdict: ReadVerdict) -> str | dict[str, str]:
    """Say of a verdict what it found, or why it did not."""
    match verdict:
        case Found(objects):
            return dict(objects)
        case Failed():
            return AGAIN
        case Unclear():
            return LESS
        case Wait() | Unsent() | Halt():
            return NOT_APPLIED


def test_the_table_is_large_and_names_each_answer_once():
    """A name tells which answer a failure is about."""
    assert len({each.name for each in READS}) == len(READS) >= 130


@pytest.mark.parametrize("read", READS, ids=str)
def test_an_answer_to_a_read(read: Read):
    """Found, absent with reason, or asked again."""
    raw = RawAnswer(read.status, read.headers, read.body)

    assert class_of(judge_read(raw, read.asked, TRACE)) == read.expected
