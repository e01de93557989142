"""A report to render, and the parts of one."""

from typing import Any

from loader.model.certificate import Certificate
from loader.model.summary import Ending, Summary
from loader.report.facts import (
    Correction,
    Example,
    Group,
    Groups,
    Report,
    RunFacts,
    SourceFacts,
    Step,
)


def a_summary(**changes: Any) -> Summary:
    given: dict[str, Any] = {
        "source": "/home/me/calls.ndjson", "lines": 1000, "created": 980, "existing": 5,
        "rejected": 12, "in_doubt": 3, "unread": 0, "requests": 21, "throttled": 2,
        "retried": 4, "seconds": 12.5, "records_per_second": 80.0,
        "promise": "at-most-once", "portal_id": "4711", "trace_property": None,
        "finished": True, "ending": Ending.COMPLETE,
    }  # fmt: skip
    return Summary(**(given | changes))


def a_certificate(**changes: Any) -> Certificate:
    given: dict[str, Any] = {
        "complete": False, "source": "calls.ndjson", "load": "/home/me/f.load",
        "portal_id": "4711", "trace_property": None, "promise": "at-most-once",
        "lines": 1000, "created": 980, "existing": 5, "rejected": 12, "in_doubt": 3,
        "unread": 0, "equal": 980, "different": 0, "missing": 0, "archived": 0,
        "unanswered": 0, "undone": 0, "source_bytes": 9000, "source_sha256": "a" * 64,
        "results_sha256": "b" * 64, "differences_sha256": "c" * 64,
        "begun_at": "2026-11-25T09:30:00+00:00",
        "ended_at": "2026-11-25T09:31:00+00:00",
        "requests": 21, "version": "0.1.0",
    }  # fmt: skip
    return Certificate(**(given | changes))


def a_step(number: int, **changes: Any) -> Step:
    given: dict[str, Any] = {
        "run": 1, "window_s": 10.0,
        "start": float(number), "end": number + 1.0, "settled": 100, "requests": 2,
        "throttled": 0, "allowed": 10.0, "created": 100 * number, "existing": 0,
        "rejected": number, "in_doubt": 0,
    }  # fmt: skip
    return Step(**(given | changes))


def a_group(reason: str = "no good", number: int = 12, **example: Any) -> Group:
    return Group(
        category="VALIDATION_ERROR",
        message=reason,
        number=number,
        first_lines=[3, 5],
        examples=[Example(line=3, offset=1234, **example)],
    )


def a_report(**changes: Any) -> Report:
    given: dict[str, Any] = {
        "made_at": "2026-11-25T10:00:00+00:00",
        "version": "0.1.0",
        "with_data": False,
        "rehearsal": False,
        "summary": a_summary(),
        "key_property": None,
        "source": SourceFacts(
            name="calls.ndjson", digest="0123456789ab", sha256="a" * 64, size=9000,
            unchanged=True,
        ),
        "results_sha256": "b" * 64,
        "results_rows": 1000,
        "runs": [
            RunFacts(
                began_at="2026-11-25T09:00:00+00:00",
                ended_at="2026-11-25T09:01:00+00:00",
                ending="complete",
                settled=1000,
                requests=21,
            )
        ],
        "further_runs": 0,
        "steps": [a_step(number) for number in range(12)],
        "errors": {"throttled: TEN_SECONDLY_ROLLING": 2},
        "rejected": Groups([a_group(correlation_id="corr-1")], 7),
        "in_doubt": Groups([a_group("the answer was lost", 3)]),
        "corrections": [
            Correction(
                name="0001-5f0c1d2e3a4b", began_at=None, lines=12, created=11,
                existing=0, rejected=1, in_doubt=0,
            )
        ],
        "certificate": a_certificate(),
    }  # fmt: skip
    return Report(**(given | changes))
