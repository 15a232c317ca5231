"""What is said to whoever still waits for an answer when the process has to end."""

from __future__ import annotations

import asyncio

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import unavailable


class Farewell:
    """ASGI wrapper: a request that the end of the process cuts short is answered with 503, to be sent again.

    The server would say 500 of it, which is no word for something that may well succeed in a second.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except asyncio.CancelledError:
            if begun or scope["type"] != ScopeType.HTTP:
                raise
            await unavailable().asgi()(scope, receive, send)
