"""Questions about records in doubt: asked in parts, and each comes to an end."""

from loader.model.verdict import Failed, Found, Unclear, Wait
from loader.pipeline.group import LAST_STRIKE, STRIKES
from loader.pipeline.inquiry import Inquiry


def test_what_was_answered_is_not_asked_again():
    """Halves where an answer is unclear, and a failed half alone once more."""
    inquiry = Inquiry(["a", "b", "c"])
    asked = []
    for verdict in (
        Unclear("207"),
        Found({"a": "1"}),
        Failed("503"),
        Wait("429"),
        Found({"c": "3"}),
    ):
        asked.append(inquiry.question())
        inquiry.answered(verdict, heard=0, alone=False)

    assert asked == [("a", "b", "c"), ("a",), ("b", "c"), ("b", "c"), ("b", "c")]
    assert inquiry.question() == ()
    assert inquiry.found == {"a": "1", "c": "3"}
    assert inquiry.mute == set()


def fail(inquiry: Inquiry, times: int, *, heard: int = 0, alone: bool = False) -> None:
    for _ in range(times):
        inquiry.answered(Failed("500"), heard=heard, alone=alone)


def test_one_that_the_portal_chokes_on_costs_its_neighbours_nothing():
    """Several that keep failing are halved; alone, while others fare well, it ends."""
    inquiry = Inquiry(["a", "b"])
    fail(inquiry, STRIKES)
    assert inquiry.question() == ("a",)
    inquiry.answered(Found({"a": "1"}), heard=1, alone=False)
    fail(inquiry, LAST_STRIKE, heard=1)
    assert inquiry.question() == ("b",)
    fail(inquiry, 1, heard=2)

    assert inquiry.question() == ()
    assert (inquiry.found, inquiry.mute) == ({"a": "1"}, {"b"})


def test_a_portal_that_answers_nothing_condemns_nobody():
    """Its silence says nothing of the record."""
    inquiry = Inquiry(["a"])
    fail(inquiry, 5 * LAST_STRIKE, heard=7)

    assert inquiry.question() == ("a",)


def test_the_last_question_of_a_run_comes_to_an_end():
    """Nothing is left that could tell the record from the portal."""
    inquiry = Inquiry(["a"])
    fail(inquiry, LAST_STRIKE, alone=True)

    assert inquiry.mute == {"a"}


def test_of_nothing_there_is_nothing_to_ask():
    """No empty request."""
    assert Inquiry([]).question() == ()
