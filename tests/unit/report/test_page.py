"""The page and its plots: whole, harmless, and readable by everybody."""

import functools
import re
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from loader.model.summary import Ending
from loader.report.facts import Groups, RunFacts, SourceFacts, UndoFacts
from loader.report.markdown import code, markdown, text
from loader.report.page import page
from loader.report.plots import plots_of
from tests.unit.report.builders import (
    a_certificate,
    a_group,
    a_report,
    a_step,
    a_summary,
)

#: what a portal, a file name or a customer may say
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "</title><svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "`code` **bold** [link](javascript:alert(1)) | cell",
    "https://evil.example/x.js",
]
INVISIBLE = ["\x1b[2Jgone", "a\u202eb\u2066c", "one\r\ntwo\x00", "\u2028"]


class Tags(HTMLParser):
    """Collects the tags of a page, and checks that they are balanced."""

    VOID = frozenset({"meta", "link", "img", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags_of(html: str) -> list[tuple[str, dict[str, str | None]]]:
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    return tags.found


@functools.cache
def harmless_tags() -> list[tuple[str, dict[str, str | None]]]:
    return tags_of(page(hostile_report("harmless")))


def hostile_report(words: str) -> Any:
    summary = a_summary(
        portal_id=words, trace_property=words, reason=words, ending=Ending.STOPPED,
        finished=False, ignored_fields={words: 1}, promise=words,
    )  # fmt: skip
    group = a_group(
        words, correlation_id=words, trace_id=words, message=f"{words}.", record=words
    )
    return a_report(
        with_data=True,
        summary=summary,
        key_property=words,
        source=SourceFacts(name=words, digest=words),
        runs=[RunFacts(began_at=words, ended_at=None, ending=words, reason=words)],
        steps=[a_step(0, errors={words: 3}), a_step(1)],
        errors={words: 3},
        rejected=Groups([msgspec.structs.replace(group, category=words)]),
        in_doubt=Groups([group]),
        certificate=a_certificate(begun_at=words, ended_at=words),
    )


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_others_become_markup(words: str):
    """Wherever they stand, they are text: the page has the same tags without them."""
    harmless = harmless_tags()
    hostile = tags_of(page(hostile_report(words)))

    assert [tag for tag, _ in hostile] == [tag for tag, _ in harmless]
    assert [sorted(attrs) for _, attrs in hostile] == [
        sorted(attrs) for _, attrs in harmless
    ]


@pytest.mark.parametrize("words", INVISIBLE)
def test_what_cannot_be_seen_is_spelled_out(words: str):
    """Control characters, and overrides of the direction, on the page and in text."""
    html = page(hostile_report(words))
    lines = "\n".join(markdown(hostile_report(words)))

    for char in words:
        if not char.isprintable() and char != "\n":
            assert char not in html
            assert char not in lines
    assert words.encode("unicode_escape").decode() in html


def test_nothing_is_loaded_and_nothing_runs():
    """No script, no handler, no address but in-page ones; and the policy says so."""
    html = page(hostile_report("https://evil.example/x"))
    tags = tags_of(html)

    assert not {tag for tag, _ in tags} & {"script", "iframe", "object", "img", "base"}
    for tag, attrs in tags:
        for name, value in attrs.items():
            assert not name.startswith("on")
            if name in {"src", "href", "srcset", "data", "action", "xlink:href"}:
                assert value == "data:,", (tag, name, value)
    assert "url(" not in html
    assert "@import" not in html
    (policy,) = [a for _, a in tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert (policy["content"] or "").startswith("default-src 'none'")


def test_whoever_does_not_see_the_page_is_told_the_same():
    """Language, headers of tables with a scope, words for plots, unique names."""
    tags = tags_of(page(a_report()))

    assert ("html", {"lang": "en"}) in tags
    assert all(
        attrs.get("scope") in {"col", "row"} for tag, attrs in tags if tag == "th"
    )
    figures = [attrs for tag, attrs in tags if tag == "figure"]
    assert len(figures) == 3
    assert all(each["role"] == "img" and each["aria-label"] for each in figures)
    names = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(names) == len(set(names))
    named_by = {a["aria-labelledby"] for _, a in tags if "aria-labelledby" in a}
    assert named_by <= set(names)
    assert sum(tag == "h1" for tag, _ in tags) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "985 of 1,000 records are on the portal; 12 rejected, 3 in doubt."),
        ({"created": 995, "rejected": 0, "in_doubt": 0},
         "All 1,000 records are on the portal."),
        ({"created": 900, "rejected": 0, "in_doubt": 0, "unread": 95,
          "finished": False, "ending": Ending.INTERRUPTED},
         "the load has not come to its end: 95 not sent yet."),
    ],
)  # fmt: skip
def test_the_first_sentence_is_the_verdict(changes: dict[str, Any], words: str):
    """In each form."""
    report = a_report(summary=a_summary(**changes))

    assert words in page(report)
    assert words in "\n".join(markdown(report))


def test_a_report_says_what_it_must():
    """Promise, portal, runs, reasons, corrections, certificate, checksums."""
    report = a_report()
    for shown in (page(report), "\n".join(markdown(report)).replace("\\", "")):
        for words in (
            "at-most-once: no record twice", "4711", "2026-11-25 09:00:00 UTC",
            "VALIDATION_ERROR", "no good", "lines 3, 5, …", "the answer was lost",
            "7 more, for further reasons", "0001-5f0c1d2e3a4b",
            "all 980 created records were read back", "these very results",
            "a" * 64, "b" * 64, "0123456789ab", "byte for byte", "no personal data",
            "throttled: TEN_SECONDLY_ROLLING", "corr-1",
        ):  # fmt: skip
            assert words in shown, words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"equal": 978, "missing": 2}, "2 of 980 created records differ"),
        ({"undone": 3}, "archived by undo"),
        ({"results_sha256": "d"}, "an earlier state of this load"),
        ({"source_sha256": "d"}, "the source has another checksum now"),
    ],
)
def test_a_certificate_is_told_with_what_it_is_of(changes: dict[str, Any], words: str):
    """What differs, and whether these are the results that were verified."""
    certificate = a_certificate(**changes)
    correction = msgspec.structs.replace(
        a_report().corrections[0], certificate=a_certificate(equal=11)
    )
    report = a_report(certificate=certificate, corrections=[correction])

    for shown in (page(report), "\n".join(markdown(report))):
        assert words in shown
        assert "/home/me" not in shown
        assert "11" in shown


@pytest.mark.parametrize(
    ("ended_at", "words"),
    [
        (None, "Taken back in part: 7 of the 980 calls"),
        ("2026-11-25T11:00:00+00:00", "archived, until 2026-11-25 11:00:00 UTC."),
    ],
)
def test_a_load_that_was_taken_back_is_told_as_that_first(
    ended_at: str | None, words: str
):
    """Nobody must read that all records are on the portal."""
    undo = UndoFacts(
        begun_at="2026-11-25T10:00:00+00:00", ended_at=ended_at, calls=980, archived=7
    )
    summary = a_summary(created=995, rejected=0, in_doubt=0)
    report = a_report(undo=undo, summary=summary)

    for shown in (page(report), "\n".join(markdown(report))):
        assert words in shown
        assert "All 1,000 records" not in shown


def test_what_was_corrected_and_left_out_is_told():
    """Rejected lines that are on the portal since; fields that have no place there."""
    summary = a_summary(corrected=6, ignored_fields={"id": 7}, reason="SIGTERM",
                        ending=Ending.INTERRUPTED)  # fmt: skip
    report = a_report(summary=summary, key_property="call_id")

    for shown in (page(report), "\n".join(markdown(report)).replace("\\", "")):
        assert "6 rejected lines, on the portal since" in shown
        assert all(each in shown for each in ("id (7 lines)", "SIGTERM", "call_id"))


def test_a_load_without_history_is_reported_without_plots():
    """And says why."""
    report = a_report(steps=[], runs=[], errors={})
    shown = page(report), "\n".join(markdown(report))

    for each in shown:
        assert "No plots: of this load there is no history" in each
        assert "<svg" not in each


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (SourceFacts(name="-", digest=None), "cannot be read again"),
        (SourceFacts(name="f", digest=None, sha256="a", size=1, unchanged=False,
                     changed_at=4096),
         "has changed since it was loaded, from byte 4,096 on"),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_vouched_for_is_told(source: SourceFacts, words: str):
    """Gone, or changed: the reader must not take the checksum for a proof."""
    assert words in page(a_report(source=source))


def test_examples_are_there_when_asked_for():
    """The record, its message, its ID."""
    example = {
        "record": '{"properties":{}}',
        "message": "+49 is bad",
        "trace_id": "t-1",
    }
    groups = Groups([a_group(**example)])
    report = a_report(with_data=True, rejected=groups)

    html = page(report)
    assert "{&#34;properties&#34;:{}}" in html
    assert all(each in html for each in ("+49 is bad", "t-1", "holds personal data"))
    shown = "\n".join(markdown(report))
    assert '`{"properties":{}}`' in shown


def test_a_plot_has_no_style_and_no_script_of_its_own():
    """The page gives the looks; a plot is drawn for a wide and for a narrow one."""
    for plot in plots_of([a_step(number) for number in range(5)]):
        for svg in (plot.wide, plot.narrow):
            assert not re.search(r"<(style|script|defs|title|!--)|\bid=|http(?!://www.w3)",
                                 svg)  # fmt: skip
        assert plot.wide != plot.narrow


def test_the_plots_follow_the_steps():
    """What did not happen is not drawn; what is said of a plot is what it shows."""
    quiet = plots_of([a_step(0, allowed=None, rejected=0), a_step(1, rejected=0)])
    kinds = {f"kind {number}": 9 - number for number in range(6)}
    stormy = plots_of([a_step(0), a_step(1, errors=kinds, in_doubt=4)])

    assert [plot.name for plot in quiet] == [
        "Records per second", "Requests per second, over 10 s", "Outcomes",
    ]  # fmt: skip
    assert [line.name for line in quiet[2].lines] == ["created"]
    assert [line.name for line in stormy[2].lines] == [
        "created",
        "rejected",
        "in doubt",
    ]
    assert [line.name for line in stormy[3].lines] == [
        "kind 0", "kind 1", "kind 2", "kind 3", "other kinds",
    ]  # fmt: skip
    assert "9 kind 0, 8 kind 1" in stormy[3].description
    assert plots_of([]) == []


def test_a_burst_within_the_window_is_no_offence():
    """Requests are drawn as the portal counts them; another run begins at nought."""
    burst = [a_step(n, requests=50 if n in (0, 1, 10, 11) else 0) for n in range(14)]
    resumed = [a_step(n, run=2, requests=3) for n in range(14, 17)]
    sent, allowed = plots_of([*burst, *resumed])[1].lines

    assert [point[1] for point in sent.points if point][:4] == [0, 5, 10, 10]
    assert max(point[1] for point in sent.points if point) == 10
    assert sent.points[-4:] == [(14, 0), (15, 0.3), (16, 0.6), (17, 0.9)]
    assert {point[1] for point in allowed.points if point} == {10}


@pytest.mark.parametrize("seconds", [0.4, 7, 95, 3000, 40_000, 9_000_000])
def test_labels_are_few_and_round(seconds: float):
    """From a moment to a hundred days, from one record to a million a second."""
    for settled in (1, 1234, 987_654_321):
        step = a_step(0, end=seconds, settled=settled)
        for plot in plots_of([step])[:2]:
            labels = re.findall(r"<text[^>]*>([^<]*)<", plot.wide)
            assert 3 <= len(labels) <= 16, labels
            assert all(len(each) <= 8 for each in labels), labels


def test_text_in_markdown_is_text():
    """Escaped in a table; between fences longer than any inside in code."""
    assert text("a|b <i> [x](y) `c`") == r"a\|b \<i\> \[x\](y) \`c\`"
    assert text("http://x") == r"http:\//x"
    assert code("a `b``c") == "``` a `b``c ```"
    assert code("plain") == "`plain`"
    assert code("two\nlines") == r"`two\nlines`"
