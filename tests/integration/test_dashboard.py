"""Who may look at the dashboard, and who may press its button."""

import aiohttp
import pytest

from loader.errors import UsageError
from loader.monitor.dashboard import Dashboard
from loader.monitor.server import served
from loader.pipeline.pause import Pause


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "pause", {}, 403),
        ("POST", "pause", {"X-Loader-Secret": "guessed"}, 403),
        ("POST", "go-on", {"X-Loader-Secret": "gue\u00dfed"}, 403),
        ("GET", "pause", {}, 405),
        ("GET", "", {"Host": "evil.example"}, 421),
        ("GET", "feed", {"Host": "evil.example:80"}, 421),
        ("POST", "pause", {"Host": "127.0.0.1.evil.example"}, 421),
        ("GET", "feed", {"Origin": "http://evil.example"}, 403),
        ("GET", "run.log", {}, 404),
    ],
)
async def test_what_another_site_sends_is_refused(method, path, headers, status):
    """It has no secret, or a name of its own that resolves to this machine."""
    pause = Pause()
    app = Dashboard(pause).application()
    async with (
        served(app, 0, option="--dashboard-port") as url,
        aiohttp.ClientSession() as client,
        client.request(method, f"{url}{path}", headers=headers) as response,
    ):
        assert response.status == status
    assert not pause.is_set


async def test_the_secret_alone_does_not_help_another_site():
    """A browser says where a request comes from."""
    pause = Pause()
    page = Dashboard(pause)
    stranger = {"X-Loader-Secret": page._secret, "Origin": "http://evil.example"}
    async with (
        served(page.application(), 0, option="--dashboard-port") as url,
        aiohttp.ClientSession() as client,
        client.post(f"{url}pause", headers=stranger) as refused,
    ):
        assert refused.status == 403
    assert not pause.is_set


async def test_a_port_is_taken_once():
    """The second that wants it is told which option names it."""
    app = Dashboard(Pause()).application()
    async with served(app, 0, option="--dashboard-port") as url:
        port = int(url.rstrip("/").rsplit(":", 1)[1])
        with pytest.raises(UsageError, match=f"--metrics {port}: the port cannot"):
            async with served(app, port, option="--metrics"):
                pass
