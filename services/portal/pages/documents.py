"""Documents of an incident, and the export of a person, passed on from query as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Final

import httpx
from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from services.portal.upstream.http import ServiceDown
from services.portal.visit import Here
from shared.http.identity import SIGNED_IN
from shared.logs import logger

_log = logger(__name__)

_ASKED: Final = ("range", "if-range", "if-none-match")
_PASSED: Final = (
    "content-type",
    "content-length",
    "content-disposition",
    "content-range",
    "accept-ranges",
    "etag",
    "last-modified",
)
#: A document is somebody else's content: whatever it is, it does nothing here.
_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"


@get("/incidents/{number:str}/documents/{document:str}", access=SIGNED_IN, include_in_schema=False)
async def document_bytes(visit: Here, number: FromPath[str], document: FromPath[str]) -> Response[Any]:
    """The bytes of a document, or the part that was asked for."""
    wanted = {name: visit.request.headers[name] for name in _ASKED if name in visit.request.headers}
    return await passed_on(visit.query.document(number, document, wanted), _PASSED)


@get("/donnees/export", access=SIGNED_IN, include_in_schema=False)
async def export_bytes(visit: Here) -> Response[Any]:
    """The file with everything that is held about the person."""
    return await passed_on(visit.query.export(), _PASSED)


async def passed_on(source: Any, names: tuple[str, ...]) -> Response[Any]:
    """An answer of another service with its body as it comes; its connection is closed when the body ends.

    Args:
        source: an open-able answer (`Query.document`, `Query.export`, `Query.report_csv`).
        names: headers to pass on.
    """
    stack = AsyncExitStack()
    answer: httpx.Response = await stack.enter_async_context(source)
    headers = {name: answer.headers[name] for name in names if name in answer.headers}
    headers |= {"Content-Security-Policy": _POLICY, "Cache-Control": "private, no-cache"}
    media_type = headers.pop("content-type", "application/octet-stream")
    return Stream(_body(stack, answer), status_code=answer.status_code, media_type=media_type, headers=headers)


async def _body(stack: AsyncExitStack, answer: httpx.Response) -> AsyncIterator[bytes]:
    """A body that breaks off is left cut, so that the browser sees that it is not whole."""
    async with stack:
        try:
            async for chunk in answer.aiter_raw():
                yield chunk
        except httpx.TransportError as error:
            _log.warning("body_cut", reason=type(error).__name__)
            raise ServiceDown("query") from error
