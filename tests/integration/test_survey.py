"""What a check learns of a portal, over loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from loader.assembly.check import Told
from loader.assembly.survey import ask_portal
from loader.errors import Stopped
from loader.model.catalogue import Limit
from loader.model.settings import Rate, Settings
from loader.sandbox import Sandbox, Scenario, running
from loader.sandbox.rule import Rule
from loader.sandbox.scenario import QuotaSettings

NO_LIMIT = QuotaSettings(limit="none")


@asynccontextmanager
async def asked(**habits: Any) -> AsyncIterator[tuple[Told, Sandbox]]:
    """Ask a portal of some habits."""
    async with running(scenario=Scenario(**habits)) as portal:
        settings = Settings(base_url=portal.base_url, api_version="2026-03")
        yield await ask_portal(settings, token="any"), portal


async def test_a_portal_tells_its_properties_owners_rules_and_day():
    """All of them, by reading only, at dated paths too."""
    owners = tuple(map(str, range(250)))
    async with asked(
        owners=owners,
        archived_owners=("900",),
        rule=(Rule("hs_call_title", "MAX_LENGTH", ("9",)),),
        quota=QuotaSettings(limit=190, daily=625_000),
        installed=("loader_trace_id",),
    ) as (told, portal):
        seen = list(portal.requests)

    properties = told.catalogue.properties
    assert properties is not None
    assert told.catalogue.owners is not None
    assert told.facts is not None
    assert told.facts.trace_property == "loader_trace_id"
    assert properties["hs_call_direction"].options == {
        "INBOUND": "INBOUND", "OUTBOUND": "OUTBOUND",
    }  # fmt: skip
    assert properties["hs_activity_type"].options is None
    assert properties["hs_object_id"].is_read_only
    assert properties["loader_trace_id"].is_unique
    assert properties["hs_call_title"].limits == (Limit("MAX_LENGTH", ("9",)),)
    assert told.catalogue.owners.active == frozenset(owners)
    assert told.catalogue.owners.archived == {"900"}
    assert told.catalogue.usage.daily_limit == 625_000
    assert told.catalogue.usage.used_today == len(seen)
    assert told.rate == Rate(190, 10.0)
    assert told.not_told == ()
    assert {each.method for each in seen} == {"GET"}


@pytest.mark.parametrize(
    ("scope", "missed"),
    [
        ("crm.objects.owners.read", "owners: the access token lacks the scope"),
        ("crm.schemas.contacts.read", "names, types and options of properties"),
    ],
)
async def test_what_a_portal_does_not_tell_is_noted(scope: str, missed: str):
    """The check goes on with the rest."""
    async with asked(missing_scopes=(scope,), quota=NO_LIMIT) as (told, _):
        pass

    assert any(each.startswith(missed) for each in told.not_told)
    assert (told.catalogue.properties is None) is (scope.startswith("crm.schemas"))


async def test_a_portal_that_lists_no_owners_is_not_believed_to_have_none():
    """There is always one; such a list is no evidence."""
    async with asked(quota=NO_LIMIT) as (told, _):
        pass

    assert told.catalogue.owners is None
    assert told.not_told == ("owners: the portal lists none",)


async def test_a_portal_that_refuses_the_token_stops_the_check():
    """Status 3, with what to do."""
    async with running(token="another") as portal:
        with pytest.raises(Stopped, match="refused the access token"):
            await ask_portal(Settings(base_url=portal.base_url), token="any")
