"""Where requests go: the base URL, refused unless it is safe, and HubSpot's paths."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from loader.errors import UsageError

#: what a plain address has none of: parsers disagree about some of it, and a token
#: must not go where only one of them would send it
_UNPLAIN = re.compile(r"[^\x21-\x7e]|[@?#\\]")
#: HubSpot's ID for the object type
CALLS = "0-48"
_EXAMPLE = "such as https://api.hubapi.com"


def check_base_url(url: str) -> str:
    """Return the base URL without a trailing slash.

    ``https`` goes anywhere; ``http`` only to this machine, given as a plain loopback
    address or as ``localhost`` when every address of it is one.

    Raises:
        UsageError: the token would leave this machine unprotected, or it is no URL.
    """
    if _UNPLAIN.search(url):
        # not shown: what stands before an @ may be a secret
        raise UsageError(
            "HUBSPOT_BASE_URL must be a plain address without user, query, fragment or "
            f"spaces, {_EXAMPLE}"
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError(
            f"HUBSPOT_BASE_URL {url!r} is no URL ({error}); use one {_EXAMPLE}"
        ) from error
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise UsageError(
            f"HUBSPOT_BASE_URL {url!r} is no http or https URL; use one {_EXAMPLE}"
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            f"HUBSPOT_BASE_URL {url!r} would send the token unencrypted; use https, or "
            "http to this machine only (http://127.0.0.1:PORT)"
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine: strictly dotted, ``::1``, or localhost.

    Python's parser knows no short, octal or decimal forms; those that map IPv4 into
    IPv6 are refused here, since not every network stack treats them alike.
    """
    if host == "localhost":
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError:
            return False
        return all(is_loopback(str(address[0])) for *_, address in found)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address == ipaddress.IPv6Address("::1")
    return address.is_loopback


@dataclass(frozen=True, slots=True)
class Endpoints:
    """HubSpot's paths for one API version: ``v3``, or a dated one."""

    base_url: str
    api_version: str = "v3"

    def calls(self, action: str) -> str:
        """Return the URL of a batch action on calls, such as ``create``."""
        if self.api_version == "v3":
            return f"{self.base_url}/crm/v3/objects/calls/batch/{action}"
        return f"{self.base_url}/crm/objects/{self.api_version}/calls/batch/{action}"

    def search(self) -> str:
        """Return the URL of the search for calls."""
        if self.api_version == "v3":
            return f"{self.base_url}/crm/v3/objects/calls/search"
        return f"{self.base_url}/crm/objects/{self.api_version}/calls/search"

    def associations(self, to: str, action: str) -> str:
        """Return the URL of what is asked about associations of calls with an object.

        Beside the objects' ``v3`` belongs the associations' ``v4``.
        """
        if self.api_version == "v3":
            return f"{self.base_url}/crm/v4/associations/calls/{to}/{action}"
        version = self.api_version
        return f"{self.base_url}/crm/associations/{version}/calls/{to}/{action}"

    def properties(self, name: str = "") -> str:
        """Return the URL of the properties of calls, or of one of them."""
        tail = f"/{name}" if name else ""
        if self.api_version == "v3":
            return f"{self.base_url}/crm/v3/properties/calls{tail}"
        return f"{self.base_url}/crm/properties/{self.api_version}/calls{tail}"

    def owners(self) -> str:
        """Return the URL of the users that records can be assigned to."""
        if self.api_version == "v3":
            return f"{self.base_url}/crm/v3/owners"
        return f"{self.base_url}/crm/owners/{self.api_version}"

    def rules(self) -> str:
        """Return the URL of the administrators' validation rules for calls."""
        if self.api_version == "v3":
            return f"{self.base_url}/crm/v3/property-validations/{CALLS}"
        return f"{self.base_url}/crm/property-validations/{self.api_version}/{CALLS}"

    def usage(self) -> str:
        """Return the URL of the account's requests of today."""
        return f"{self.base_url}/account-info/v3/api-usage/daily/private-apps"

    def account(self) -> str:
        """Return the URL of the account's details.

        The same for every version: only this form of it is documented.
        """
        return f"{self.base_url}/account-info/v3/details"
