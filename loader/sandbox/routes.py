"""Which path asks for what."""

import re
from dataclasses import dataclass

from .wire import Endpoint


@dataclass(frozen=True, slots=True)
class Route:
    """A known path."""

    #: what each method asks for
    methods: dict[str, Endpoint]
    #: the last part of the path, where it is a name
    name: str = ""


_VERSION = r"\d{4}-\d{2}(?:-beta)?"
_CALLS = rf"/crm/(?:v3/objects|objects/{_VERSION})/calls"
_PROPERTIES = rf"/crm/(?:v3/properties|properties/{_VERSION})/calls"
_LINKS = (
    rf"/crm/(?:v4/associations|associations/{_VERSION})/(?:calls?|0-48)/(?P<name>[^/]+)"
)
_ROUTES: tuple[tuple[str, dict[str, Endpoint]], ...] = (
    (rf"{_CALLS}/batch/create", {"POST": Endpoint.CREATE}),
    (rf"{_CALLS}/batch/read", {"POST": Endpoint.READ}),
    (rf"{_CALLS}/batch/archive", {"POST": Endpoint.ARCHIVE}),
    (rf"{_CALLS}/batch/update", {"POST": Endpoint.UPDATE}),
    (rf"{_CALLS}/search", {"POST": Endpoint.SEARCH}),
    (rf"{_LINKS}/batch/read", {"POST": Endpoint.ASSOCIATIONS}),
    (rf"{_LINKS}/labels", {"GET": Endpoint.LABELS}),
    (_PROPERTIES, {"GET": Endpoint.LIST_PROPERTIES, "POST": Endpoint.ADD_PROPERTY}),
    (
        rf"{_PROPERTIES}/groups",
        {"GET": Endpoint.LIST_GROUPS, "POST": Endpoint.ADD_GROUP},
    ),
    (rf"{_PROPERTIES}/(?P<name>[^/]+)", {"GET": Endpoint.GET_PROPERTY}),
    (
        rf"/crm/(?:v3/property-validations|property-validations/{_VERSION})/0-48",
        {"GET": Endpoint.LIST_RULES},
    ),
    (rf"/crm/(?:v3/owners|owners/{_VERSION})", {"GET": Endpoint.OWNERS}),
    ("/account-info/v3/details", {"GET": Endpoint.DETAILS}),
    ("/account-info/v3/api-usage/daily/private-apps", {"GET": Endpoint.USAGE}),
)
_COMPILED = tuple((re.compile(path), methods) for path, methods in _ROUTES)


def find_route(path: str) -> Route | None:
    """Return the route of a path; None where there is nothing."""
    for pattern, methods in _COMPILED:
        match = pattern.fullmatch(path)
        if match is not None:
            return Route(methods, match.groupdict().get("name") or "")
    return None
