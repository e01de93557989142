"""What the portal is like and what befalls it, read from a TOML file."""

import tomllib
import zoneinfo
from pathlib import Path
from typing import Any, Literal

import msgspec

from .complaint import explain
from .fault import Count, Milliseconds, Seconds, Share
from .faults import AnyFault
from .rule import Rule

Limit = Count | Literal["none"]


class ScenarioError(ValueError):
    """A scenario that cannot be read: which file, which key, and what is allowed."""


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another limit, from a time on."""

    #: in seconds since the portal started
    at_s: Seconds
    limit: Limit


class Neighbour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody else in the same app: at a steady pace, as far as there is room."""

    #: of the limit
    share: Share
    #: only from this time on, in seconds since the portal started
    after_s: Seconds = 0.0
    #: only until this time
    until_s: Seconds | None = None


class QuotaSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many requests the portal allows."""

    #: in any span of ``interval_ms``
    limit: Limit = 100
    interval_ms: Count = 10_000
    #: from midnight to midnight of the portal's zone
    daily: Limit = 250_000
    #: searches in any second
    search_per_s: Limit = 5
    #: other limits later, in the order of their times
    change: tuple[Change, ...] = ()
    neighbour: Neighbour | None = None


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fair weather, unless something else is said."""

    #: what this scenario is for; not used
    description: str = ""
    #: the beginning of all chance
    seed: int = 1
    #: None: from the time of the portal's first start
    portal_id: Count | None = None
    time_zone: str = "UTC"
    quota: QuotaSettings = QuotaSettings()
    #: whether answers tell what is left of the quota
    rate_headers: bool = True

    #: whether results carry the trace ID they were sent with
    echo: bool = False
    #: whether results come in another order than the inputs
    shuffle: bool = True
    #: status of an answer with both results and errors
    partial_status: Literal[200, 201, 207] = 207
    #: whether one bad input fails its batch although all have trace IDs
    whole_batch_errors: bool = False
    #: how a taken unique value is reported: as on custom properties, or as for contacts
    conflict: Literal["validation", "conflict"] = "validation"
    #: whether dates and times come back as sent, or in HubSpot's usual form
    datetimes: Literal["as_sent", "iso"] = "as_sent"
    #: whether unique values that differ in case only are the same
    fold_unique_values: bool = False
    #: whether errors within an error give their context as JSON in a string
    context_as_text: bool = False

    #: what batch/read says of calls that are not there
    read_missing: Literal["errors", "omit", "empty"] = "errors"
    #: how long new calls are hidden from batch/read
    read_lag_ms: Milliseconds = 0.0
    #: how long new calls are hidden from search
    search_lag_s: Seconds = 0.0
    #: how long new properties are hidden
    property_lag_ms: Milliseconds = 0.0

    #: whether custom properties may be unique
    unique_properties: bool = True
    #: whether the built-in hs_unique_id is unique
    unique_id: bool = False
    #: unique text properties that the portal has from the start
    installed: tuple[str, ...] = ()
    #: outcomes of a call beside the usual ones
    dispositions: tuple[str, ...] = ()
    #: IDs of the users that calls can be assigned to; none: calls take any
    owners: tuple[str, ...] = ()
    #: such users that were deactivated; calls take them, too
    archived_owners: tuple[str, ...] = ()
    #: what administrators demand of values
    rule: tuple[Rule, ...] = ()
    #: type IDs of associations that the portal's users defined
    association_types: tuple[int, ...] = ()
    #: record IDs that nothing can be associated with
    missing_associations: tuple[str, ...] = ()
    #: scopes that the token lacks
    missing_scopes: tuple[str, ...] = ()
    max_body_bytes: Count = 16 * 1024 * 1024

    fault: tuple[AnyFault, ...] = ()


def load_scenario(path: Path) -> Scenario:
    """Read a scenario.

    Raises:
        ScenarioError: the file cannot be read, or something in it is not allowed.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(
            f"cannot read the scenario {path}: {error.strerror}; give a TOML file, or "
            "leave --scenario out for fair weather"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{path}: {error}") from error
    try:
        return _read(table)
    except msgspec.ValidationError as error:
        text = explain(str(error), Scenario, table)
        raise ScenarioError(f"{path}: {text}") from error
    except ValueError as error:
        raise ScenarioError(f"{path}: {error}") from error


def _read(table: dict[str, Any]) -> Scenario:
    scenario = msgspec.convert(table, Scenario)
    for place, each in enumerate(scenario.fault):
        if sum(x is not None for x in (each.every, each.share, each.requests)) > 1:
            raise ValueError(
                f"fault[{place}]: only one of 'every', 'share' and 'requests' can be "
                "set"
            )
    if not _is_zone(scenario.time_zone):
        raise ValueError(
            f"time_zone: no zone {scenario.time_zone!r}; allowed: 'UTC', or a name of "
            "the IANA database such as 'Europe/Berlin'"
        )
    return scenario


def _is_zone(name: str) -> bool:
    try:
        if name != "UTC":
            zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True
