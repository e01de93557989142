"""Judges of single values: options, numbers, booleans, texts.

A judge takes a value and returns the tally of what is wrong with it, or None. An empty
value is never wrong: it leaves the property unset.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation

from loader.model.catalogue import Limit, Owners
from loader.model.nearest import Nearest

from .findings import Findings, Kind, Level, Tally

Judge = Callable[[str], Tally | None]

#: verdicts that are kept for a property, and the longest value that is kept with one;
#: a value beyond is judged each time it comes
_KEPT, _LONGEST_KEPT = 4096, 200
#: options that a message lists
_LISTED = 12
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class Kept(dict[str, Tally | None]):
    """Verdicts by value. What changes: the values that have been judged, up to a limit.

    ``kept.__getitem__`` is a judge: a value that came before costs one look-up.
    """

    def __init__(self, judge: Judge) -> None:
        super().__init__({"": None})
        self._judge = judge

    def __missing__(self, value: str) -> Tally | None:
        verdict = self._judge(value)
        if len(self) < _KEPT and len(value) <= _LONGEST_KEPT:
            self[value] = verdict
        return verdict


class Options:
    """Judges the values of an enumeration."""

    def __init__(
        self,
        findings: Findings,
        name: str,
        options: Mapping[str, str],
        *,
        is_multiple: bool = False,
    ) -> None:
        """Take the options and what people call them."""
        self._findings = findings
        self._name = name
        self._values = frozenset(options)
        #: what people write, and the option that it stands for
        self._meant = {label: value for value, label in options.items() if label}
        self._meant |= {value: value for value in options}
        self._nearest = Nearest(self._meant)
        self._is_multiple = is_multiple

    def judge(self, value: str) -> Tally | None:
        """Say whether a value, or each of several, is an option."""
        chosen = value.split(";") if self._is_multiple else (value,)
        for each in chosen:
            if each not in self._values:
                return self._findings.tally(self._kind(each))
        return None

    def _kind(self, value: str) -> Kind:
        alike = self._nearest.to(value)
        meant = None if alike is None else self._meant[alike]
        allowed = ", ".join(sorted(self._values)[:_LISTED])
        more = ", …" if len(self._values) > _LISTED else ""
        return Kind(
            Level.REFUSED,
            "NOT_AN_OPTION",
            "none of its options" + (f"; perhaps {meant} was meant" if meant else ""),
            f"give one of {allowed}{more}" if allowed else "the portal has no options",
            self._name,
        )


def number_judge(findings: Findings, name: str) -> Judge:
    """Return a judge of numbers."""
    kind = Kind(
        Level.REFUSED,
        "NOT_A_NUMBER",
        "no number",
        "give digits only, with a point before decimals and no unit",
        name,
    )

    def judge(value: str) -> Tally | None:
        if not value or (value.isascii() and value.isdigit()):
            return None
        return None if _NUMBER.fullmatch(value) else findings.tally(kind)

    return judge


def boolean_judge(findings: Findings, name: str) -> Judge:
    """Return a judge of true and false."""
    kind = Kind(
        Level.REFUSED, "NOT_A_BOOLEAN", "neither true nor false",
        "give true or false", name,
    )  # fmt: skip
    return lambda value: (
        None if value in ("", "true", "false") else findings.tally(kind)
    )


def owner_judge(findings: Findings, name: str, owners: Owners) -> Judge:
    """Return a judge of owner IDs."""
    unknown = Kind(
        Level.REFUSED,
        "OWNER_UNKNOWN",
        "an owner that the portal does not have",
        "give the owner's ID (not the user's ID, name or e-mail address) as "
        "GET /crm/v3/owners lists it, or leave the property out",
        name,
    )
    archived = Kind(
        Level.WARNING,
        "OWNER_ARCHIVED",
        "an owner that was deactivated",
        "leave it, if history is meant; else give the ID of who took over",
        name,
    )

    def judge(value: str) -> Tally | None:
        if value in owners.active:
            return None
        return findings.tally(archived if value in owners.archived else unknown)

    return judge


def never(kind: Kind, findings: Findings) -> Judge:
    """Return a judge that finds any value wrong."""
    return lambda _: findings.tally(kind)


def limit_judge(findings: Findings, name: str, limit: Limit) -> Judge | None:
    """Return a judge of an administrator's rule; None for one that we cannot judge."""
    breaks = _breaks(limit)
    if breaks is None:
        return None
    shown = ", ".join(limit.arguments)
    kind = Kind(
        Level.REFUSED,
        "VALIDATION_RULE",
        f"against the portal's validation rule {limit.kind} ({shown})",
        "mend the value, or have an administrator change the rule",
        name,
    )
    return lambda value: findings.tally(kind) if value and breaks(value) else None


def _breaks(limit: Limit) -> Callable[[str], bool] | None:
    """Return what breaks a rule, for the rules that can be read in one way only."""
    argument = limit.arguments[0] if limit.arguments else ""
    if limit.kind == "ALPHANUMERIC" and argument == "NUMERIC_ONLY":
        return lambda value: not value.isdigit()
    measure = _MEASURES.get(limit.kind)
    bound = _number(argument)
    if measure is None or bound is None:
        return None
    if limit.kind.startswith("MIN"):
        return lambda value: (size := measure(value)) is not None and size < bound
    return lambda value: (size := measure(value)) is not None and size > bound


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


_MEASURES: dict[str, Callable[[str], Decimal | int | None]] = {
    "MIN_LENGTH": len,
    "MAX_LENGTH": len,
    "MIN_NUMBER": _number,
    "MAX_NUMBER": _number,
}


def all_of(judges: Iterable[Judge]) -> Judge | None:
    """Join judges: the first that finds something wrong speaks; None for no judge."""
    several = tuple(judges)
    if len(several) < 2:  # noqa: PLR2004 - one needs no joining
        return several[0] if several else None

    def judge(value: str) -> Tally | None:
        for each in several:
            verdict = each(value)
            if verdict is not None:
                return verdict
        return None

    return judge
