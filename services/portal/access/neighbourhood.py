"""Where a request comes from, for limits on those who are not signed in.

A reverse proxy in front of the portal makes all requests come from its own address. Such proxies append the address
that they see to `X-Forwarded-For`, so with `CECOIA_PROXIES` of them in front the client stands that many places from
the right; what stands further left may be invented. Without a proxy (0, the default) the header is not believed.
"""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any, Final

from litestar.connection import ASGIConnection

#: Who owns one IPv6 address owns its whole network.
_IPV6_PREFIX: Final = 64


def client_address(connection: ASGIConnection[Any, Any, Any, Any], proxies: int) -> str:
    """The address of the client, as the outermost proxy of ours saw it.

    Args:
        connection: the request.
        proxies: how many reverse proxies of ours it passed through.
    """
    peer = connection.client.host if connection.client else ""
    passed = [hop.strip() for line in connection.headers.getall("x-forwarded-for", []) for hop in line.split(",")]
    return passed[-proxies] if 0 < proxies <= len(passed) else peer


def neighbourhood(address: str) -> str:
    """A name for the address (for IPv6: its network) that does not show it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        network = address
    else:
        network = address if isinstance(parsed, IPv4Address) else str(ip_network((parsed, _IPV6_PREFIX), strict=False))
    return hashlib.sha256(f"address\0{network}".encode()).hexdigest()
