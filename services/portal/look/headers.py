"""What every answer tells the browser about its limits: where things may come from, who may frame or see what."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from shared.settings import Settings

_YEARS: Final = 2 * 365 * 86400


class BrowserPolicy:
    """ASGI wrapper that adds the headers to each answer which does not bring its own."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in _headers(settings).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                message["headers"] = [*given, *((name, value) for name, value in self._headers if name not in names)]
            await send(message)

        await self._app(scope, receive, with_headers)


def _headers(settings: Settings) -> dict[str, str]:
    """`form-action` names the identity provider because signing out is a form that ends there.

    `Referrer-Policy` is not `no-referrer`: browsers then send `Origin: null` with our own forms.
    """
    issuer = urlsplit(settings.oidc_issuer)
    headers = {
        "content-security-policy": "; ".join(
            (
                "default-src 'self'",
                f"form-action 'self' {issuer.scheme}://{issuer.netloc}",
                "frame-ancestors 'none'",
                "base-uri 'none'",
                "object-src 'none'",
            )
        ),
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if settings.portal_url.startswith("https://"):
        headers["strict-transport-security"] = f"max-age={_YEARS}; includeSubDomains"
    return headers
