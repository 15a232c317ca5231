"""Hands a message to the address of a webhook, if that leads where we may go, and says what came of it.

Names are looked up here and the connection is made to what was found, so that nobody answers the check with one address
and the connection with another. Redirects are not followed, and nothing of an answer but its status is read.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from functools import cache
from http import HTTPStatus
from typing import Final, Self

import httpx

from shared.outgoing import Networks, is_allowed

#: Seconds for a message, from the look-up of the name to the status of the answer.
LIMIT: Final = 10.0
_UNKNOWN: Final = "adresse introuvable"


class NotDelivered(Exception):
    """It was not taken; `str` says why in French. `gone` says that the address wants nothing any more."""

    def __init__(self, words: str, *, gone: bool = False) -> None:
        super().__init__(words)
        self.gone = gone


class Courier:
    """Carries messages; an asynchronous context.

    Args:
        networks: that the operator allows beside the open internet.
    """

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._client = httpx.AsyncClient(verify=_trust(), trust_env=False, timeout=LIMIT, follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def send(self, url: str, headers: dict[str, str], body: bytes) -> None:
        """Send a message; returning means that the receiver answered with a status from 200 to 299.

        Raises:
            NotDelivered: it did not, or nobody can tell.
        """
        try:
            async with asyncio.timeout(LIMIT):
                status = await self._post(httpx.URL(url), headers, body)
        except (TimeoutError, httpx.TimeoutException):
            raise NotDelivered(f"pas de réponse en {LIMIT:.0f}\u00a0secondes") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise NotDelivered(_words(error)) from error
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise NotDelivered(_answered(status), gone=status == HTTPStatus.GONE)

    async def _post(self, url: httpx.URL, headers: dict[str, str], body: bytes) -> int:
        """The status of the first address that can be reached."""
        unreachable: Exception = NotDelivered(_UNKNOWN)
        for address in await self._addresses(url):
            try:
                return await self._post_to(address, url, headers, body)
            except httpx.ConnectError as error:
                unreachable = error
        raise unreachable

    async def _post_to(self, address: str, url: httpx.URL, headers: dict[str, str], body: bytes) -> int:
        """The status of an answer of this address, whose certificate must be that of the name."""
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers={**headers, "Host": url.netloc.decode("ascii")},
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        answer = await self._client.send(request, stream=True)
        await answer.aclose()
        return answer.status_code

    async def _addresses(self, url: httpx.URL) -> list[str]:
        """What the name of the host stands for at this moment: nothing where any of it is not for us to call."""
        found = await asyncio.get_running_loop().getaddrinfo(url.raw_host, url.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not all(is_allowed(address, self._networks) for address in addresses):
            raise NotDelivered("adresse d’un réseau interne, qui n’est pas permise")
        return addresses


@cache
def _trust() -> ssl.SSLContext:
    """Read once: that takes longer than a message."""
    return httpx.create_ssl_context()


def _answered(status: int) -> str:
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return f"redirection ({status}), qui n’est pas suivie"
    return f"réponse {status}"


def _words(error: Exception) -> str:
    """What happened, without anything that the other side may have said."""
    if isinstance(error, socket.gaierror):
        return _UNKNOWN
    if isinstance(error, httpx.ConnectError):
        return "certificat refusé" if "CERTIFICATE" in str(error) else "connexion impossible"
    return "réponse illisible"
