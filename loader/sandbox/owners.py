"""The counter for owners: the users that a record can be assigned to."""

from .premises import Premises
from .refusals import invalid
from .shown import show_moment
from .wire import Answer, Request, as_json

_PAGE = 100


class Owners:
    """Lists the owners that the scenario names; nothing changes."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def list_page(self, request: Request) -> Answer:
        """Show a page of owners, or of those that were deactivated."""
        archived = request.query.get("archived") == "true"
        scenario = self._premises.scenario
        owners = scenario.archived_owners if archived else scenario.owners
        start = request.query.get("after", "0")
        limit = request.query.get("limit", str(_PAGE))
        if not (start.isdecimal() and limit.isdecimal() and int(limit)):
            return invalid(request, "'limit' and 'after' must be numbers.")
        end = int(start) + min(int(limit), _PAGE)
        page = owners[int(start) : end]
        body: dict[str, object] = {
            "results": [self._shown(each, archived=archived) for each in page]
        }
        if end < len(owners):
            body["paging"] = {"next": {"after": str(end)}}
        return as_json(200, body)

    def _shown(self, owner: str, *, archived: bool) -> dict[str, object]:
        moment = show_moment(0)
        return {
            "id": owner,
            "email": f"owner-{owner}@example.com",
            "type": "PERSON",
            "firstName": "Owner",
            "lastName": owner,
            "createdAt": moment,
            "updatedAt": moment,
            "archived": archived,
        }
