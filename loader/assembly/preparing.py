"""``prepare``: makes the unique property by which a load is exactly-once."""

from loader.errors import PortalUnreachable
from loader.hubspot import preflight
from loader.hubspot.preflight import Denied, Property
from loader.hubspot.refusal import SCHEMA_SCOPE
from loader.model.settings import Settings
from loader.pipeline.stop import Stop

from .portal import Preflight, opened_portal, pace_of

_WRITE_SCOPE = "crm.schemas.contacts.write"


async def prepare_portal(settings: Settings, token: str) -> str:
    """Do what ``prepare`` does; return what was done, in words."""
    stop = Stop()
    async with opened_portal(settings, token=token, sandbox=None) as client:
        pace = pace_of(settings, stop)
        return await prepared(Preflight(client, pace, patience_s=settings.patience_s))


async def prepared(asking: Preflight) -> str:
    """Create the trace property, unless it is there; return what was done.

    Raises:
        PortalUnreachable: the portal refuses it; says why and what to do.
    """
    own = preflight.OWN_PROPERTY
    known, done = await _shown(asking), "is there already"
    if known is None:
        await _create_property(asking, await _group(asking))
        known, done = await _shown(asking), "created"
    if known is None:
        raise PortalUnreachable(
            f"the property {own} was created, and the portal does not show it yet; run "
            "prepare again in a minute"
        )
    if not known.carries_ids:
        raise PortalUnreachable(
            f"the property {own} is on the portal, but its values are not unique "
            "or not writable, which cannot be changed; archive it in HubSpot's "
            "settings and run prepare again, or name another by --trace-property"
        )
    return f"the property {own} {done}: loads into this portal are exactly-once"


async def _shown(asking: Preflight) -> Property | None:
    """Return the property as the portal shows it, if it is there.

    Raises:
        PortalUnreachable: the token may not see properties, which a load has to.
    """
    found = await asking.property(preflight.OWN_PROPERTY)
    if isinstance(found, Denied):
        raise PortalUnreachable(
            f"the portal does not show its properties: {found.why(SCHEMA_SCOPE)}, then "
            "run prepare again; without it loads are at-most-once"
        )
    return found


async def _group(asking: Preflight) -> str:
    """Find a group of properties, or create one."""
    url = asking.endpoints.properties("groups")
    groups = await asking.ask("GET", url, preflight.judge_groups)
    if isinstance(groups, tuple) and groups:
        return preflight.GROUP if preflight.GROUP in groups else groups[0]
    made = await asking.ask("POST", url, preflight.judge_group, preflight.new_group())
    if isinstance(made, str):
        return made
    raise _refused("a group of properties", made)


async def _create_property(asking: Preflight, group: str) -> None:
    url = asking.endpoints.properties()
    made = await asking.ask(
        "POST", url, preflight.judge_property, preflight.new_property(group)
    )
    if isinstance(made, Property) or (
        isinstance(made, Denied) and made.status == 409  # noqa: PLR2004 - HTTP: it exists
    ):
        return
    raise _refused(f"the property {preflight.OWN_PROPERTY}", made)


def _refused(what: str, answer: object) -> PortalUnreachable:
    reason = (
        answer.why(_WRITE_SCOPE) if isinstance(answer, Denied) else "no such endpoint"
    )
    return PortalUnreachable(
        f"the portal refused to create {what}: {reason}; a portal has at most ten "
        "unique properties; without it loads are at-most-once"
    )
