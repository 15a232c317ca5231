"""`/flux`: what changes for the person, passed on from query as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import httpx
from litestar import Response, get
from litestar.params import QueryParameter
from litestar.response import Stream

from services.portal.agents.presence import accompanied, is_number
from services.portal.upstream.http import Refused, ServiceDown, TokenRefused
from services.portal.visit import GUEST, Here, Visit
from shared.logs import logger

_log = logger(__name__)

#: After a cut the browser waits this long before it comes again, in milliseconds.
_AGAIN: Final = b"retry: 3000\n\n"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@get("/flux", access=GUEST, include_in_schema=False)
async def changes(visit: Here, number: Annotated[str, QueryParameter(name="incident")] = "") -> Response[Any]:
    """The stream; 204 tells a browser whose person has signed out not to come again.

    An agent whose page shows an incident hears who else is there, and is seen there.
    """
    if visit.session is None:
        return Response(None, status_code=204)
    events = _events(visit, visit.request.headers.get("last-event-id"))
    if visit.session.is_agent and is_number(number):
        events = accompanied(events, visit.site.presence, number, visit.session)
    return Stream(events, media_type="text/event-stream; charset=utf-8", headers=_HEADERS)


async def _events(visit: Visit, last_id: str | None) -> AsyncIterator[bytes]:
    """Events as they come; when query goes away the stream ends and the browser comes again."""
    yield _AGAIN
    try:
        async with visit.query.changes(last_id) as answer:
            async for chunk in answer.aiter_raw():
                yield chunk
    except (ServiceDown, Refused, TokenRefused, httpx.TransportError) as error:
        _log.info("stream_ended", reason=type(error).__name__)
