"""Associations: of a kind that a call can have, in the right direction."""

from collections.abc import Sequence

from loader.model.links import Link

from .findings import Findings, Kind, Level, Tally

#: from a call to what
FROM_CALL = {
    194: "contact", 182: "company", 206: "deal", 220: "ticket", 597: "lead",
    773: "order", 913: "appointment", 867: "course", 891: "listing", 841: "service",
    1156: "feedback submission", 1258: "project",
}  # fmt: skip
#: the other direction, and the one that was meant
REVERSED = {193: 194, 181: 182, 205: 206, 219: 220}
_KEPT = 1000


class Links:
    """Judges the associations of records. What changes: the kinds judged so far."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._kept: dict[tuple[str, int], Tally | None] = {}
        self._none = findings.tally(
            Kind(
                Level.WARNING,
                "NO_ASSOCIATION",
                "no association: the call is on no record's timeline, where nobody "
                "will see it",
                'add "associations"; 194 leads from a call to a contact',
            )
        )
        self._no_record = findings.tally(
            Kind(
                Level.REFUSED,
                "ASSOCIATION_TARGET",
                "an association with something that is no record ID",
                "give the number that HubSpot has for the record",
            )
        )

    def judge(self, links: Sequence[Link]) -> list[Tally]:
        """Say what is wrong with the associations of one record."""
        if not links:
            return [self._none]
        found: list[Tally] = []
        for link in links:
            target = str(link.to.id)
            if not (target.isdigit() and target.isascii()):
                found.append(self._no_record)
            for each in link.types:
                key = (each.associationCategory, each.associationTypeId)
                try:
                    tally = self._kept[key]
                except KeyError:
                    tally = self._judged(*key)
                if tally is not None:
                    found.append(tally)
        return found

    def _judged(self, category: str, number: int) -> Tally | None:
        kind = _kind(category, number)
        tally = None if kind is None else self._findings.tally(kind)
        if len(self._kept) < _KEPT:
            self._kept[category, number] = tally
        return tally


def _kind(category: str, number: int) -> Kind | None:
    """Say what is wrong with a type of association, as far as anybody can know."""
    meant = REVERSED.get(number)
    if meant is not None and category == "HUBSPOT_DEFINED":
        what = FROM_CALL[meant]
        return Kind(
            Level.REFUSED,
            "ASSOCIATION_REVERSED",
            f"association type {number} leads from a {what} to a call, and not from "
            f"the call to the {what}",
            f"use {meant}",
        )
    if category == "HUBSPOT_DEFINED" and number not in FROM_CALL:
        return Kind(
            Level.WARNING,
            "ASSOCIATION_UNKNOWN",
            f"association type {number} is none that HubSpot documents for calls",
            "GET /crm/v4/associations/calls/{object}/labels lists the portal's types",
        )
    if category != "HUBSPOT_DEFINED" and number in FROM_CALL:
        return Kind(
            Level.WARNING,
            "ASSOCIATION_MISFILED",
            f"association type {number} is HubSpot's own, but given as {category}",
            "use HUBSPOT_DEFINED, unless the portal has a type of its own with this "
            "number",
        )
    return None
