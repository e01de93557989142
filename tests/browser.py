"""A headless Chromium for tests of pages, spoken to by its own debugging protocol."""

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-port=0",
)  # fmt: skip


@dataclass
class Browser:
    """One page. What changes: where it is, and what it has said and asked for."""

    socket: aiohttp.ClientWebSocketResponse
    #: errors and warnings of the console, and addresses that were asked for
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    _numbers: itertools.count = field(default_factory=itertools.count)

    async def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command; return its result. Events in between are kept."""
        number = next(self._numbers)
        await self.socket.send_json(
            {"id": number, "method": method, "params": parameters}
        )
        while True:
            message = await self.socket.receive_json()
            self._note(message)
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    def _note(self, message: dict[str, Any]) -> None:
        told = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Log.entryAdded":
                self.complaints.append(told["entry"]["text"])
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown":
                self.complaints.append(str(told))
            case _:
                pass

    async def open(self, address: str, *, width: int, dark: bool = False) -> None:
        """Open a page in a window of this width, and wait until it is there."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        await self("Emulation.setEmulatedMedia", media="", features=[scheme])
        await self("Page.navigate", url=address)
        async with asyncio.timeout(60):
            while await self.ask("document.readyState") != "complete":
                await asyncio.sleep(0.02)

    async def ask(self, expression: str) -> Any:
        """Return the value of an expression on the page."""
        result = await self(
            "Runtime.evaluate", expression=expression, returnByValue=True
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")


@contextlib.asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """Start a Chromium that knows nothing, and give its page."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}", "about:blank",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            async with aiohttp.ClientSession() as session:
                address = await _page_of(session, Path(profile) / "DevToolsActivePort")
                async with session.ws_connect(address, max_msg_size=0) as socket:
                    browser = Browser(socket)
                    for domain in ("Page", "Runtime", "Network", "Log"):
                        await browser(f"{domain}.enable")
                    yield browser
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _page_of(session: aiohttp.ClientSession, file: Path) -> str:
    """Return the address of the page's socket, once the browser is there."""
    async with asyncio.timeout(60):
        while not file.exists() or len(file.read_text().split()) < 2:
            await asyncio.sleep(0.05)
        port = file.read_text().split()[0]
        while True:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [each for each in await answer.json() if each["type"] == "page"]
            if pages:
                return pages[0]["webSocketDebuggerUrl"]
            await asyncio.sleep(0.05)
