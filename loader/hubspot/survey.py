"""What else a portal tells of itself: properties in full, owners, rules, its day."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from loader.model.catalogue import Limit, PropertyFacts, Usage

from .answers import NOT_JSON
from .preflight import Denied, NotThere, Property, Question, decoded, denied
from .raw import RawAnswer

OWNERS_SCOPE = "crm.objects.owners.read"
_DAILY = "x-hubspot-ratelimit-daily"
_COUNT = re.compile(r"\d{1,12}", re.ASCII)
#: field types of which several options may be chosen
_MULTIPLE = ("checkbox",)


class _Owner(msgspec.Struct, frozen=True):
    id: str | int


class _Next(msgspec.Struct, frozen=True):
    after: str


class _Paging(msgspec.Struct, frozen=True):
    next: _Next | None = None


class OwnerPage(msgspec.Struct, frozen=True):
    """Some of the owners, and where the next ones begin."""

    results: list[_Owner]
    paging: _Paging | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The IDs on this page."""
        return frozenset(str(each.id) for each in self.results)

    @property
    def after(self) -> str | None:
        """What to ask for next; None at the end."""
        follows = self.paging.next if self.paging is not None else None
        return None if follows is None else follows.after


class _Rule(msgspec.Struct, frozen=True):
    ruleType: str  # noqa: N815 - HubSpot's name
    ruleArguments: list[Any] = []  # noqa: N815 - HubSpot's name


class _Ruled(msgspec.Struct, frozen=True):
    propertyName: str  # noqa: N815 - HubSpot's name
    propertyValidationRules: list[_Rule] = []  # noqa: N815 - HubSpot's name


class Rules(msgspec.Struct, frozen=True):
    """The administrators' validation rules."""

    results: list[_Ruled]

    def by_property(self) -> dict[str, tuple[Limit, ...]]:
        """Return the rules of each property that has some."""
        return {
            each.propertyName: tuple(
                Limit(rule.ruleType, tuple(map(str, rule.ruleArguments)))
                for rule in each.propertyValidationRules
            )
            for each in self.results
        }


class _DayUsage(msgspec.Struct, frozen=True):
    usageLimit: int | None = None  # noqa: N815 - HubSpot's name
    currentUsage: int | None = None  # noqa: N815 - HubSpot's name


class _UsageList(msgspec.Struct, frozen=True):
    results: list[_DayUsage]


class _Option(msgspec.Struct, frozen=True):
    value: str
    label: str = ""


_decode_options = msgspec.json.Decoder(list[_Option]).decode


def judge_owners(answer: RawAnswer) -> OwnerPage | Denied | NotThere | Question:
    """Read a page of owners."""
    return denied(answer) or decoded(answer, OwnerPage)


def judge_rules(answer: RawAnswer) -> Rules | Denied | NotThere | Question:
    """Read the validation rules."""
    return denied(answer) or decoded(answer, Rules)


def judge_usage(answer: RawAnswer) -> Usage | Question:
    """Read the day's usage; where it is not told, a header may still have the limit."""
    if denied(answer) is not None:
        return Usage(daily_limit=_daily(answer))
    found = decoded(answer, _UsageList)
    if not isinstance(found, _UsageList):
        return found
    for each in found.results:
        if each.usageLimit:
            return Usage(each.usageLimit, each.currentUsage)
    return Usage(daily_limit=_daily(answer))


def _daily(answer: RawAnswer) -> int | None:
    text = answer.headers.get(_DAILY, "")
    return int(text) or None if _COUNT.fullmatch(text) else None


def facts_of(
    properties: Sequence[Property], limits: Mapping[str, tuple[Limit, ...]]
) -> dict[str, PropertyFacts]:
    """Return what is known of each property."""
    return {
        each.name: PropertyFacts(
            name=each.name,
            type=each.type,
            is_multiple=each.fieldType in _MULTIPLE,
            options=_options(each),
            is_read_only=bool(
                each.modificationMetadata and each.modificationMetadata.readOnlyValue
            ),
            is_calculated=bool(each.calculated),
            is_unique=bool(each.hasUniqueValue),
            limits=limits.get(each.name, ()),
        )
        for each in properties
        if not each.archived
    }


def _options(given: Property) -> Mapping[str, str] | None:
    """Return the labels by option; None where the portal keeps them elsewhere."""
    if given.externalOptions:
        return None
    try:
        options = _decode_options(given.options)
    except NOT_JSON:
        return None
    return {each.value: each.label for each in options} or None
