"""Who is let in: the token, its scopes, the media type and the quota, in this order."""

from .quota import Quota
from .refusals import lacks_scopes, over_quota, refuse, unauthenticated
from .scenario import Scenario
from .wire import Answer, Endpoint, Request

_SCOPES = {
    Endpoint.CREATE: "crm.objects.contacts.write",
    Endpoint.ARCHIVE: "crm.objects.contacts.write",
    Endpoint.UPDATE: "crm.objects.contacts.write",
    Endpoint.READ: "crm.objects.contacts.read",
    Endpoint.ASSOCIATIONS: "crm.objects.contacts.read",
    Endpoint.LABELS: "crm.objects.contacts.read",
    Endpoint.SEARCH: "crm.objects.contacts.read",
    Endpoint.OWNERS: "crm.objects.owners.read",
    Endpoint.LIST_PROPERTIES: "crm.schemas.contacts.read",
    Endpoint.GET_PROPERTY: "crm.schemas.contacts.read",
    Endpoint.LIST_GROUPS: "crm.schemas.contacts.read",
    Endpoint.ADD_PROPERTY: "crm.schemas.contacts.write",
    Endpoint.ADD_GROUP: "crm.schemas.contacts.write",
}
_WITH_BODY = frozenset(
    {
        Endpoint.CREATE,
        Endpoint.READ,
        Endpoint.ARCHIVE,
        Endpoint.UPDATE,
        Endpoint.ASSOCIATIONS,
        Endpoint.SEARCH,
        Endpoint.ADD_PROPERTY,
        Endpoint.ADD_GROUP,
    }
)


class Gate:
    """Decides who is let in; what it refuses uses up no quota."""

    def __init__(self, scenario: Scenario, quota: Quota, token: str | None) -> None:
        self._scenario = scenario
        self._quota = quota
        self._token = token

    def refuse(self, request: Request) -> Answer | None:
        """Say why a request is not let in; None when it is."""
        if not self._knows(request.authorization):
            return unauthenticated(request)
        scope = _SCOPES.get(request.endpoint)
        if scope in self._scenario.missing_scopes:
            text = self._scenario.context_as_text
            return lacks_scopes(request, (scope,), text=text)
        if (
            request.endpoint in _WITH_BODY
            and request.content_type != "application/json"
        ):
            message = f"Content-Type '{request.content_type}' is not supported."
            return refuse(request, 415, "INVALID_CONTENT_TYPE", message)
        policy = self._quota.used_up(request.endpoint)
        return None if policy is None else over_quota(request, policy)

    def _knows(self, authorization: str) -> bool:
        """Tell whether a header carries the token, or any where none is set."""
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        known = token == self._token if self._token is not None else bool(token)
        return scheme.lower() == "bearer" and known
