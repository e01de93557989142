"""What preflight and ``prepare`` make of a portal, over loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from loader.assembly.portal import Preflight, opened_portal, pace_of
from loader.assembly.preparing import prepared
from loader.errors import LedgerMismatch, PortalUnreachable, Stopped, UsageError
from loader.model.load import LoadIdentity
from loader.model.settings import Settings
from loader.pipeline.stop import Stop
from loader.sandbox import Scenario, running
from loader.sandbox.faults import ErrorBefore, Throttle
from loader.sandbox.scenario import QuotaSettings


@asynccontextmanager
async def asking(
    stop: Stop | None = None, patience_s: float = 5.0, **habits: Any
) -> AsyncIterator[Preflight]:
    scenario = Scenario(quota=QuotaSettings(limit="none"), **habits)
    async with running(scenario=scenario) as portal:
        settings = Settings(base_url=portal.base_url, rate="none")
        async with opened_portal(settings, token="any", sandbox=None) as client:
            pace = pace_of(settings, stop or Stop())
            yield Preflight(client, pace, patience_s=patience_s)


@pytest.mark.parametrize(
    ("habits", "wanted", "found"),
    [
        ({}, None, None),
        ({"unique_id": True}, None, "hs_unique_id"),
        ({"installed": ("loader_trace_id",)}, None, "loader_trace_id"),
        (
            {"installed": ("loader_trace_id", "mine"), "unique_id": True},
            None,
            "loader_trace_id",
        ),
        ({"installed": ("loader_trace_id", "mine")}, "mine", "mine"),
    ],
)
async def test_the_trace_property_is_looked_for_in_order(habits, wanted, found):
    """The one asked for, ours, the portal's own; else none."""
    async with asking(portal_id=77, time_zone="Europe/Berlin", **habits) as preflight:
        facts = await preflight.examine(wanted)

    assert (facts.portal_id, facts.time_zone) == ("77", "Europe/Berlin")
    assert facts.trace_property == found


@pytest.mark.parametrize("wanted", ["missing", "hs_call_title"])
async def test_a_wanted_property_that_cannot_carry_ids_is_refused(wanted: str):
    """Missing, or not unique: with the command that makes one."""
    async with asking() as preflight:
        with pytest.raises(UsageError, match="prepare"):
            await preflight.examine(wanted)


async def test_a_wanted_property_that_may_not_be_looked_for_stops_the_run():
    """A scope can be added: the load goes on then, and is not refused for good."""
    scope = "crm.schemas.contacts.read"
    async with asking(installed=("mine",), missing_scopes=(scope,)) as preflight:
        with pytest.raises(Stopped, match=f"lacks the scope {scope}"):
            await preflight.examine("mine")
        hold = await preflight.examine(None)

    assert hold.trace_property is None
    assert "MISSING_SCOPES" in preflight.notes[0]


async def test_trouble_is_waited_out():
    """Questions are safe to repeat."""
    faults = (
        ErrorBefore(endpoint="account", times=1),
        Throttle(endpoint="properties", times=1, retry_after_s=0),
    )
    async with asking(fault=faults) as preflight:
        facts = await preflight.examine(None)

    assert facts.trace_property is None
    assert preflight.requests == 4


async def test_patience_ends():
    """With what to check."""
    faults = (ErrorBefore(endpoint="any"),)
    async with asking(fault=faults, patience_s=0.1) as preflight:
        with pytest.raises(Stopped, match="HUBSPOT_BASE_URL"):
            await preflight.examine(None)


async def test_a_stop_ends_preflight():
    """Before the first record was sent."""
    stop = Stop()
    stop.interrupt("test")
    async with asking(stop) as preflight:
        with pytest.raises(Stopped):
            await preflight.examine(None)


async def test_prepare_makes_the_property_once():
    """Created, then found; a load is exactly-once from then on."""
    async with asking() as preflight:
        first = await prepared(preflight)
        second = await prepared(preflight)
        facts = await preflight.examine(None)

    assert "created" in first
    assert "already" in second
    assert facts.trace_property == "loader_trace_id"


async def test_prepare_names_the_scope_that_shows_properties():
    """Whether the property is unique cannot be said of one that is not shown."""
    scope = "crm.schemas.contacts.read"
    async with asking(missing_scopes=(scope,)) as preflight:
        with pytest.raises(PortalUnreachable, match=f"lacks the scope {scope}"):
            await prepared(preflight)


async def test_another_portal_is_refused_before_its_property_is_missed():
    """Nobody is told to prepare a portal that the load never went to."""
    known = LoadIdentity("calls.ndjson", "0123456789ab", "7", "loader_trace_id", None)
    async with asking(portal_id=77) as preflight:
        with pytest.raises(LedgerMismatch, match="another portal: 7, not 77"):
            await preflight.examine("loader_trace_id", known=known)


async def test_prepare_tells_why_a_portal_refuses():
    """Some portals may not let properties of calls be unique."""
    async with asking(unique_properties=False) as preflight:
        with pytest.raises(PortalUnreachable, match="at-most-once"):
            await prepared(preflight)
