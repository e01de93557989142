"""Which of some records the portal has: asked in parts, until each has an answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loader.model.verdict import Failed, Found, ReadVerdict, Unclear

from .group import LAST_STRIKE, STRIKES


@dataclass(frozen=True, slots=True)
class _Question:
    trace_ids: tuple[str, ...]
    #: how often it got no usable answer
    failures: int = 0
    #: questions that the portal had answered at the first failure
    heard: int = 0

    def halves(self) -> "list[_Question]":
        middle = len(self.trace_ids) // 2
        parts = self.trace_ids[:middle], self.trace_ids[middle:]
        return [_Question(part) for part in parts if part]


class Inquiry:
    """The questions that are open. What changes: these, and what was answered.

    What got no answer is asked again, and only that: to begin anew would never end with
    a portal that needs many small questions and fails now and then. Several that keep
    failing are halved; one alone that does, while the portal answers others or there
    are none, is ``mute``.
    """

    def __init__(self, trace_ids: Sequence[str]) -> None:
        self._open = [_Question(tuple(trace_ids))] if trace_ids else []
        #: trace ID to object ID
        self.found: dict[str, str] = {}
        #: those found whose objects were there before the load began
        self.older: set[str] = set()
        #: those of which the portal does not say whether it has them
        self.mute: set[str] = set()

    def question(self) -> tuple[str, ...]:
        """Return the IDs to ask for next; none when each has its answer."""
        return self._open[-1].trace_ids if self._open else ()

    def answered(self, verdict: ReadVerdict, *, heard: int, alone: bool) -> None:
        """Take the verdict on the question at hand.

        ``heard`` counts the questions that the portal has answered so far in this run;
        ``alone``: nobody else asks or sends, so that nothing else could tell a bad
        record from a bad portal.
        """
        match verdict:
            case Found(objects, older):
                self._open.pop()
                self.found |= objects
                self.older |= older
            case Unclear() if len(self.question()) > 1:
                self._halve(self._open.pop())
            case Unclear() | Failed():
                self._fail(self._open.pop(), heard, alone=alone)
            case _:
                return  # it was not asked: again, when the portal lets us

    def _halve(self, question: _Question) -> None:
        self._open += reversed(question.halves())

    def _fail(self, question: _Question, heard: int, *, alone: bool) -> None:
        question = replace(
            question,
            failures=question.failures + 1,
            heard=question.heard if question.failures else heard,
        )
        is_single = len(question.trace_ids) == 1
        is_to_blame = heard > question.heard or (alone and not self._open)
        if question.failures >= STRIKES and not is_single:
            self._halve(question)
        elif question.failures >= LAST_STRIKE and is_to_blame:
            self.mute.update(question.trace_ids)
        else:
            self._open.append(question)
