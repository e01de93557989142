"""What one portal says of its properties: judges by name, made of its own list."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from loader.model.catalogue import Catalogue, PropertyFacts
from loader.model.nearest import Nearest

from .calls import read_only
from .findings import Findings, Kind, Level, shortened
from .times import Dates, Times
from .values import (
    Judge,
    Kept,
    Options,
    all_of,
    boolean_judge,
    limit_judge,
    never,
    number_judge,
    owner_judge,
)

OWNER = "hubspot_owner_id"


def judges_of(
    catalogue: Catalogue,
    documented: Mapping[str, Judge],
    findings: Findings,
    now: datetime,
) -> dict[str, Judge | None]:
    """Return a judge for each property of a portal; None where any text will do.

    Options come from the portal alone; its own words beside what HubSpot documents.
    """
    return {
        each.name: _judge_of(each, catalogue, documented, findings, now)
        for each in (catalogue.properties or {}).values()
    }


def _judge_of(
    facts: PropertyFacts,
    catalogue: Catalogue,
    documented: Mapping[str, Judge],
    findings: Findings,
    now: datetime,
) -> Judge | None:
    if facts.is_read_only or facts.is_calculated:
        return never(read_only(facts), findings)
    name = facts.name
    if name == OWNER and catalogue.owners is not None:
        return Kept(owner_judge(findings, name, catalogue.owners)).__getitem__
    judges: list[Judge] = []
    if facts.type == "enumeration" and facts.options is not None:
        options = Options(findings, name, facts.options, is_multiple=facts.is_multiple)
        judges.append(Kept(options.judge).__getitem__)
    elif name in documented:
        judges.append(documented[name])
    else:
        judges += _by_type(facts, findings, now)
    limits = (limit_judge(findings, name, each) for each in facts.limits)
    return all_of([*judges, *(each for each in limits if each is not None)])


def _by_type(
    facts: PropertyFacts, findings: Findings, now: datetime
) -> Iterable[Judge]:
    name = facts.name
    match facts.type:
        case "number":
            yield number_judge(findings, name)
        case "bool":
            yield Kept(boolean_judge(findings, name)).__getitem__
        case "datetime":
            yield Times(findings, name, now, is_of_calls=False).judge
        case "date":
            yield Dates(findings, name, now, is_of_calls=False).judge
        case _:
            return


def unknown(name: str, known: Nearest) -> Kind:
    """Say that the portal has no such property, and which one was meant."""
    meant = known.to(name)
    return Kind(
        Level.REFUSED,
        "UNKNOWN_PROPERTY",
        "the portal's calls have no such property"
        + (f"; perhaps {meant} was meant" if meant else ""),
        "rename or leave it out, or have it created in HubSpot's settings (Properties, "
        "Call properties)",
        shortened(name),
    )
