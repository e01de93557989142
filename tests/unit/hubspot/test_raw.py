"""What headers say."""

from datetime import UTC, datetime

import pytest

from loader.hubspot.raw import RawAnswer, read_allowance, retry_after
from loader.model.verdict import Allowance


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/problem+json", True),
        ("text/html", False),
        ("text/json-seq", False),
        ("", False),
    ],
)
def test_json_is_what_says_that_it_is(kind, expected):
    """A page is no answer, even one that parses."""
    assert expected == RawAnswer(200, {"content-type": kind}, b"").is_json


def test_without_a_content_type_nothing_is_json():
    """HubSpot always sends one; whoever does not is not HubSpot."""
    raw = RawAnswer(400, {}, b'{"message":"x"}')

    assert not raw.is_json
    assert raw.error() is None


def test_the_correlation_id_of_the_header_serves_where_the_body_has_none():
    """Support asks for it."""
    headers = {
        "content-type": "application/json",
        "x-hubspot-correlation-id": "h" * 200,
    }
    error = RawAnswer(400, headers, b'{"message":"x"}').error()

    assert error is not None
    assert error.correlation_id == "h" * 100


def test_an_answer_does_not_show_its_body():
    """It holds what customers said; a traceback would print it."""
    assert "+4930" not in repr(RawAnswer(200, {}, b"+4930"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None), ("3", 3.0), (" 3 ", 3.0), ("0.5", 0.5), ("-7", 0.0), ("", None),
        ("soon", None), ("nan", None), ("inf", None), ("1e999", None), ("1_0", None),
        ("٣", None), ("9" * 400, None), ("Tue, 24 Nov 2026 10:00:10 GMT", 10.0),
        ("Tue, 24 Nov 2026 10:00:10", 10.0), ("Tue, 24 Nov 2026 09:00:00 GMT", 0.0),
        ("Tue, 99 Nov 2026 10:00:10 GMT", None), ("Tue, 24 Nov 99999 1:1:1 GMT", None),
    ],
)  # fmt: skip
def test_retry_after_is_plain_seconds_or_a_date(text, expected):
    """Garbage is no wait, and the past is none either."""
    now = datetime(2026, 11, 24, 10, tzinfo=UTC)

    assert expected == retry_after(text, now=now)


@pytest.mark.parametrize("odd", ["", "x", "-1", "1.5", "²", "9" * 10])
def test_odd_rate_headers_are_passed_over(odd):
    """Each header counts by itself."""
    headers = {"x-hubspot-ratelimit-max": odd, "x-hubspot-ratelimit-remaining": "5"}

    assert read_allowance(headers) == Allowance(remaining=5)
    assert read_allowance({"x-hubspot-ratelimit-max": odd}) is None
