"""What HubSpot documents of calls, whatever the portal: rules by property name."""

import re
from datetime import datetime

from loader.model.catalogue import PropertyFacts

from .findings import Findings, Kind, Level, Tally
from .times import Times
from .values import Judge, Kept, Options, never, number_judge

DIRECTIONS = ("INBOUND", "OUTBOUND")
STATUSES = (
    "BUSY", "CALLING_CRM_USER", "CANCELED", "COMPLETED", "CONNECTING", "FAILED",
    "IN_PROGRESS", "MISSED", "NO_ANSWER", "QUEUED", "RINGING",
)  # fmt: skip
SOURCES = ("INTEGRATIONS_PLATFORM",)
#: the outcomes that every portal has; it may have more
DISPOSITIONS = {
    "Busy": "9d9162e7-6cf3-4944-bf63-4dff82258764",
    "Connected": "f240bbac-87c9-4f6e-bf70-924b57d47db7",
    "Left live message": "a4c4c377-d246-4b32-a13b-75a56a4cd0ff",
    "Left voicemail": "b2cf5968-551e-4856-9783-52b3da59a7d0",
    "No answer": "73a0d17f-1163-4015-bdd5-ec830791da20",
    "Wrong number": "17b47fee-58de-441e-a44c-c6300d46f273",
}
#: set by the portal alone
READ_ONLY = (
    "hs_object_id", "hs_createdate", "hs_lastmodifieddate", "hs_unique_creation_key",
    "hs_object_source", "hs_body_preview",
)  # fmt: skip
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Durations:
    """Judges ``hs_call_duration``, in milliseconds.

    What changes: how many were judged, and the first lines of short ones: one alone may
    be right, but where nearly all are short, they are seconds.
    """

    #: ten seconds, in digits of milliseconds
    _SHORT_DIGITS = 4
    #: so many must be there, and so much of them short
    _ENOUGH = 20
    _MOST = 0.9

    def __init__(self, findings: Findings, name: str) -> None:
        self._findings = findings
        self._name = name
        self._is_number = number_judge(findings, name)
        self._whole = 0
        self._short = Tally(Kind(Level.WARNING, "DURATION_SHORT", ""))
        self._long = Kind(
            Level.WARNING,
            "DURATION_LONG",
            "a call of more than a day",
            "look whether the duration is in milliseconds",
            name,
        )
        self._negative = Kind(
            Level.WARNING, "DURATION_NEGATIVE", "a negative duration",
            "leave it out", name,
        )  # fmt: skip

    def judge(self, value: str) -> Tally | None:
        """Judge a duration by itself."""
        if value.isdigit() and value.isascii():
            self._whole += 1
            if 4 < len(value) < 8:  # noqa: PLR2004 - ten seconds to nearly three hours
                return None
            return self._odd(value)
        if value.startswith("-") and self._is_number(value) is None:
            return self._findings.tally(self._negative)
        return self._is_number(value)

    def _odd(self, value: str) -> Tally | None:
        if not int(value[:20]):
            self._whole -= 1
            return None
        if len(value) <= self._SHORT_DIGITS:
            return self._short
        is_long = int(value[:20]) > 24 * 3_600_000
        return self._findings.tally(self._long) if is_long else None

    def conclude(self) -> Tally | None:
        """Return the finding that all durations together make, if they do."""
        short = self._short
        if self._whole < self._ENOUGH or short.lines < self._MOST * self._whole:
            return None
        kind = Kind(
            Level.WRONG,
            "DURATION_IN_SECONDS",
            "nearly all calls last less than ten seconds: the durations are in "
            "seconds, where milliseconds are expected",
            "multiply by 1000",
            self._name,
        )
        return Tally(kind, short.lines, short.first)


def disposition_judge(findings: Findings, name: str) -> Judge:
    """Judge an outcome where the portal's own are not known: it must be a GUID."""
    by_label = {label.lower(): guid for label, guid in DISPOSITIONS.items()}

    def judge(value: str) -> Tally | None:
        if _GUID.fullmatch(value):
            return None
        guid = by_label.get(value.strip().lower())
        return findings.tally(
            Kind(
                Level.REFUSED,
                "DISPOSITION",
                "an outcome is given by its GUID, not its name"
                + (f"; perhaps {guid} was meant" if guid else ""),
                "GET /calling/v1/dispositions lists the portal's outcomes with their "
                "GUIDs",
                name,
            )
        )

    return Kept(judge).__getitem__


def recording_judge(findings: Findings, name: str) -> Judge:
    """Judge the address of a recording: HTTPS only."""
    kind = Kind(
        Level.REFUSED,
        "RECORDING_URL",
        "no https address; HubSpot takes no other for recordings",
        "serve the recording by https, or leave the property out",
        name,
    )

    def judge(value: str) -> Tally | None:
        ok = not value or value[:8].lower() == "https://"
        return None if ok else findings.tally(kind)

    return judge


def owner_form_judge(findings: Findings, name: str) -> Judge:
    """Judge an owner where the portal's are not known: it must be a number."""
    kind = Kind(
        Level.REFUSED,
        "OWNER_FORM",
        "an owner is given by the ID, a number, and not by name or e-mail address",
        "give the owner's ID, as GET /crm/v3/owners lists it",
        name,
    )

    def judge(value: str) -> Tally | None:
        ok = not value or (value.isascii() and value.isdigit())
        return None if ok else findings.tally(kind)

    return judge


def documented(
    findings: Findings, durations: Durations, now: datetime
) -> dict[str, Judge]:
    """Return the judges of the properties that HubSpot documents."""
    judges: dict[str, Judge] = {
        "hs_timestamp": Times(findings, "hs_timestamp", now, is_of_calls=True).judge,
        "hs_call_duration": durations.judge,
        "hs_call_disposition": disposition_judge(findings, "hs_call_disposition"),
        "hs_call_recording_url": recording_judge(findings, "hs_call_recording_url"),
        "hs_call_callee_object_id": number_judge(findings, "hs_call_callee_object_id"),
        "hubspot_owner_id": owner_form_judge(findings, "hubspot_owner_id"),
    }
    choices = {
        "hs_call_direction": DIRECTIONS,
        "hs_call_status": STATUSES,
        "hs_call_source": SOURCES,
    }
    for name, values in choices.items():
        options = Options(findings, name, dict.fromkeys(values, ""))
        judges[name] = Kept(options.judge).__getitem__
    for name in READ_ONLY:
        judges[name] = never(
            read_only(PropertyFacts(name, is_read_only=True)), findings
        )
    return judges


def read_only(facts: PropertyFacts) -> Kind:
    """Say that a property takes no value."""
    why = "computed" if facts.is_calculated and not facts.is_read_only else "set"
    return Kind(
        Level.REFUSED,
        "READ_ONLY",
        f"a property that is {why} by the portal alone",
        "leave it out",
        facts.name,
    )
