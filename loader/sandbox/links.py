"""What a call can be associated with, and by which type of HubSpot's own."""

#: object type ID of the other end, and the type ID from a call to it: contact, company,
#: deal, ticket, lead, order, appointment, course, listing, service, feedback
#: submission, project
TYPES_TO = {
    "0-1": 194, "0-2": 182, "0-3": 206, "0-5": 220, "0-136": 597, "0-123": 773,
    "0-421": 913, "0-410": 867, "0-420": 891, "0-162": 841, "0-19": 1156,
    "0-970": 1258,
}  # fmt: skip
_NAMES = {
    "contact": "0-1", "company": "0-2", "companie": "0-2", "deal": "0-3",
    "ticket": "0-5", "lead": "0-136", "order": "0-123", "appointment": "0-421",
    "course": "0-410", "listing": "0-420", "service": "0-162",
    "feedback_submission": "0-19", "project": "0-970",
}  # fmt: skip
#: what the portal's own users define leads to contacts here
CONTACTS = "0-1"


def object_type(name: str) -> str | None:
    """Return the object type ID of a name as paths have it; None for no type."""
    known = name.lower()
    return known if known in TYPES_TO else _NAMES.get(known.removesuffix("s"))
