"""Names for a connection without TLS: every one is this machine."""

import socket

from aiohttp.abc import AbstractResolver, ResolveResult


class ThisMachine(AbstractResolver):
    """Answers every name with loopback addresses.

    Without TLS a token may not leave this machine, whatever a name server says between
    the check of the base URL and the connection.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return this machine's addresses, asking nobody."""
        del family
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=kind,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address, kind in (
                ("127.0.0.1", socket.AF_INET),
                ("::1", socket.AF_INET6),
            )
        ]

    async def close(self) -> None:
        """Nothing is open."""
