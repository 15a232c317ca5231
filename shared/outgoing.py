"""Where the services may call on somebody's wish: addresses of the open internet, and what the operator allows beside.

Whoever names an address could otherwise let us speak to what only we can reach (server-side request forgery).
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final, TypeAlias
from urllib.parse import urlsplit

Networks: TypeAlias = tuple[IPv4Network | IPv6Network, ...]

_LONGEST: Final = 2000


def is_allowed(address: str, networks: Networks = ()) -> bool:
    """Whether an address may be called: it is of the open internet, or in one of these networks.

    Args:
        address: IPv4 or IPv6, perhaps with a zone.
        networks: that the operator allows.
    """
    ip = ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if any(ip in network for network in networks):
        return True
    translated = getattr(ip, "sixtofour", None) is not None  # may stand for any IPv4 address, our own too
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or translated)


def check_url(url: str, networks: Networks) -> str:
    """An address that may be named.

    What its host's name stands for is not looked at: that may change until something is sent.

    Args:
        url: as somebody wrote it.
        networks: that the operator allows.

    Raises:
        ValueError: it may not, in French.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("Cette adresse ne peut pas être lue.") from None
    if len(url) > _LONGEST or not url.isprintable() or " " in url:
        raise ValueError(f"Une adresse sans espace, de {_LONGEST} caractères au plus, est attendue.")
    if parts.username is not None or parts.fragment:
        raise ValueError("L’adresse ne doit contenir ni nom d’utilisateur ni «\u00a0#\u00a0».")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))):
        raise ValueError("L’adresse doit commencer par https:// et nommer un serveur.")
    if _is_literal(host) and not is_allowed(host, networks):
        raise ValueError("Cette adresse est celle d’un réseau interne, que les webhooks n’atteignent pas.")
    return url


def _is_here(host: str) -> bool:
    return host == "localhost" or (_is_literal(host) and ip_address(host).is_loopback)


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
