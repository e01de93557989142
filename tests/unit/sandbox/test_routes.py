"""Paths lead to endpoints, in every published version."""

import pytest

from loader.sandbox.routes import find_route
from loader.sandbox.wire import Endpoint


@pytest.mark.parametrize(
    ("path", "method", "endpoint"),
    [
        ("/crm/v3/objects/calls/batch/create", "POST", Endpoint.CREATE),
        ("/crm/objects/2026-03/calls/batch/create", "POST", Endpoint.CREATE),
        ("/crm/v3/objects/calls/batch/read", "POST", Endpoint.READ),
        ("/crm/objects/2026-09/calls/batch/archive", "POST", Endpoint.ARCHIVE),
        ("/crm/v3/objects/calls/search", "POST", Endpoint.SEARCH),
        ("/crm/v3/properties/calls", "GET", Endpoint.LIST_PROPERTIES),
        ("/crm/v3/properties/calls", "POST", Endpoint.ADD_PROPERTY),
        ("/crm/properties/2026-03/calls", "GET", Endpoint.LIST_PROPERTIES),
        ("/crm/v3/properties/calls/groups", "GET", Endpoint.LIST_GROUPS),
        ("/crm/v3/properties/calls/groups", "POST", Endpoint.ADD_GROUP),
        ("/account-info/v3/details", "GET", Endpoint.DETAILS),
        ("/account-info/v3/api-usage/daily/private-apps", "GET", Endpoint.USAGE),
    ],
)
def test_known(path: str, method: str, endpoint: Endpoint) -> None:
    """A published path leads to its endpoint."""
    route = find_route(path)

    assert route is not None
    assert route.methods[method] is endpoint
    assert route.name == ""


def test_name() -> None:
    """The last part of a property's path is its name."""
    route = find_route("/crm/properties/2026-03/calls/hs_unique_id")

    assert route is not None
    assert route.name == "hs_unique_id"
    assert route.methods == {"GET": Endpoint.GET_PROPERTY}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/crm/v3/objects/calls",
        "/crm/v3/objects/calls/batch/upsert",
        "/crm/v3/objects/contacts/batch/create",
        "/crm/v4/objects/calls/batch/create",
        "/crm/v3/objects/calls/batch/create/",
    ],
)
def test_unknown(path: str) -> None:
    """Any other path leads nowhere."""
    assert find_route(path) is None
