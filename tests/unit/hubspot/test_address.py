"""Where the token may go."""

import socket

import pytest

from loader.errors import UsageError
from loader.hubspot.address import Endpoints, check_base_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.hubapi.com", "https://api.hubapi.com"),
        ("https://api.hubapi.com/", "https://api.hubapi.com"),
        ("https://proxy.example/hub/", "https://proxy.example/hub"),
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
        ("http://127.8.9.10", "http://127.8.9.10"),
        ("http://[::1]:8787/", "http://[::1]:8787"),
    ],
)
def test_https_goes_anywhere_and_http_to_this_machine(url, expected):
    """Without the slash at its end, so that paths can be put behind it."""
    assert expected == check_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.hubapi.com", "http://10.0.0.1", "http://0.0.0.0", "http://127.1",
        "http://2130706433", "http://0177.0.0.1", "http://0x7f.0.0.1",
        "http://127.0.0.1.", "http://127.0.0.1.example.com", "http://localhost.evil.io",
        "http://localhost.", "http://[::ffff:127.0.0.1]", "http://[::]", "http://[::2]",
        "http://[::1%25lo]",
    ],
)  # fmt: skip
def test_http_to_anything_that_is_not_plainly_this_machine_is_refused(url):
    """Only strict forms count, since not every parser reads the others alike."""
    with pytest.raises(UsageError, match="https"):
        check_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret@host", "http://secret@127.0.0.1", "http://@127.0.0.1",
        "http://127.0.0.1\\@secret.io", "http://127.0.0.1#@secret.io", "https://h?secret",
        "https://h?", "https://h#", "https://h\n", "https://h /", "http://127.0.0.1\t",
        "http://\uff11\uff12\uff17.0.0.1", "xx://user:secret@h",
    ],
)  # fmt: skip
def test_what_parsers_may_read_in_two_ways_is_refused_and_not_repeated(url):
    """What stands before an @ may be a password."""
    with pytest.raises(UsageError) as refused:
        check_base_url(url)

    assert "secret" not in str(refused.value)
    assert "such as https://api.hubapi.com" in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["", "api.hubapi.com", "ftp://h", "https://", "https:///x", "https://h:0",
     "https://h:99999", "https://[", "https://h:x"],
)  # fmt: skip
def test_what_is_no_url_is_refused_with_an_example(url):
    """The message says what to do."""
    with pytest.raises(UsageError, match=r"use one such as https://api\.hubapi\.com"):
        check_base_url(url)


def resolving_to(*addresses):
    """Return a stand-in for the resolver."""
    return lambda *_, **__: [(0, 0, 0, "", (each, 0)) for each in addresses]


def test_localhost_is_this_machine_if_all_its_addresses_are(monkeypatch):
    """An entry of a hosts file could point it elsewhere."""
    monkeypatch.setattr(socket, "getaddrinfo", resolving_to("127.0.0.1", "::1"))

    assert check_base_url("http://LOCALHOST:1") == "http://LOCALHOST:1"


def test_localhost_with_one_foreign_address_is_refused(monkeypatch):
    """Nobody knows which address a connection takes."""
    monkeypatch.setattr(socket, "getaddrinfo", resolving_to("127.0.0.1", "10.0.0.1"))

    with pytest.raises(UsageError, match="unencrypted"):
        check_base_url("http://localhost")


def test_localhost_that_does_not_resolve_is_refused(monkeypatch):
    """No address is no loopback address."""

    def fail(*_, **__):
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    with pytest.raises(UsageError, match="unencrypted"):
        check_base_url("http://localhost")


@pytest.mark.parametrize(
    ("version", "create", "property_"),
    [
        (
            "v3",
            "/crm/v3/objects/calls/batch/create",
            "/crm/v3/properties/calls/loader_trace_id",
        ),
        (
            "2026-03",
            "/crm/objects/2026-03/calls/batch/create",
            "/crm/properties/2026-03/calls/loader_trace_id",
        ),
    ],
)
def test_paths_follow_the_version(version, create, property_):
    """The account's details are documented in one form only."""
    places = Endpoints("https://h", version)

    assert places.calls("create") == "https://h" + create
    assert places.properties("loader_trace_id") == "https://h" + property_
    assert f"{places.properties()}/loader_trace_id" == "https://h" + property_
    assert places.account() == "https://h/account-info/v3/details"
