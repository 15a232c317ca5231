"""The service token of a program: asked for with client credentials, renewed before it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Final

import httpx

#: Seconds before its end at which a token is renewed.
_MARGIN: Final = 30.0

_Flow = Generator[httpx.Request, httpx.Response, None]


class ServiceToken(httpx.Auth):
    """Gives every request a bearer token of the identity provider.

    Args:
        issuer: address of the identity provider; its discovery document names where tokens are given.
        name: of the program there.
        secret: of the program there.
        clock: seconds that only grow.
    """

    requires_response_body = True

    def __init__(self, issuer: str, name: str, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._discovery = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        self._form = {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
        self._clock = clock
        self._token = ""
        self._ends = 0.0

    def auth_flow(self, request: httpx.Request) -> _Flow:
        """Send the request with a token; once more with a new one if that was refused."""
        if self._clock() > self._ends - _MARGIN:
            yield from self._renew()
        answer = yield self._signed(request)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            yield from self._renew()
            yield self._signed(request)

    def _signed(self, request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _renew(self) -> _Flow:
        discovery = yield httpx.Request("GET", self._discovery)
        answer = yield httpx.Request("POST", discovery.raise_for_status().json()["token_endpoint"], data=self._form)
        token = answer.raise_for_status().json()
        self._token = token["access_token"]
        self._ends = self._clock() + token["expires_in"]
