"""A portal into which a source was loaded, and what its other users do there."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from loader.sandbox import QuotaSettings, Sandbox, Scenario, running
from tests.acceptance.conftest import TOKEN, Loader

FREE = QuotaSettings(limit="none")
FAIR = Scenario(quota=FREE, installed=("loader_trace_id",))
CALLS = "/crm/v3/objects/calls/batch/"


@asynccontextmanager
async def served(loader: Loader, scenario: Scenario = FAIR) -> AsyncIterator[Sandbox]:
    """The portal of a test, as its last context left it."""
    async with running(scenario=scenario, state=loader.folder / "portal.db") as portal:
        point(loader, portal)
        yield portal


@asynccontextmanager
async def loaded(
    loader: Loader, source: Path, scenario: Scenario = FAIR
) -> AsyncIterator[Sandbox]:
    """A portal into which a source was loaded, in fair weather."""
    async with served(loader):
        ran = await loader("run", source, "--rate", "none")
        assert ran.status in (0, 1), ran.err
    async with served(loader, scenario) as portal:
        yield portal


def point(loader: Loader, portal: Sandbox) -> None:
    loader.environment = {
        "HUBSPOT_BASE_URL": portal.base_url,
        "HUBSPOT_ACCESS_TOKEN": TOKEN,
    }


async def post(portal: Sandbox, action: str, *inputs: dict[str, Any]) -> None:
    """Do what another user of the portal does."""
    url = f"{portal.base_url}{CALLS}{action}"
    bearer = {"Authorization": "Bearer somebody"}
    async with aiohttp.request(
        "POST", url, json={"inputs": inputs}, headers=bearer
    ) as response:
        assert response.status in (200, 204), await response.text()


def sql(loader: Loader, statement: str, *values: object) -> None:
    """Change the portal behind its back."""
    connection = sqlite3.connect(loader.folder / "portal.db", isolation_level=None)
    assert connection.execute(statement, values).rowcount == 1
    connection.close()
