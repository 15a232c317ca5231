"""What every page shows around its own content: the person, the menu with its counts, how it is to look."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from litestar.connection import ASGIConnection

from services.portal.access.session import Session
from services.portal.look.appearance import appearance
from services.portal.upstream.http import Refused, ServiceDown
from services.portal.upstream.query import Query
from shared.logs import logger
from shared.wire.queues import QueueCount

_log = logger(__name__)

#: The menu never holds a page up: after this long it comes without counts. Seconds.
_PATIENCE: Final = 2.5


@dataclass(frozen=True, kw_only=True)
class Navigation:
    """Counts of the left menu; `open_count` is None when nobody could say."""

    open_count: int | None = None
    queues: tuple[QueueCount, ...] = ()


NOTHING: Final = Navigation()


async def navigation(query: Query, *, agent: bool) -> Navigation:
    """Ask for the counts, at once and not for long; a page without them is better than none."""
    try:
        async with asyncio.timeout(_PATIENCE):
            if not agent:
                return Navigation(open_count=(await query.incidents(limit=1)).open)
            page, queues = await asyncio.gather(query.incidents(limit=1), query.queues())
            return Navigation(open_count=page.open, queues=tuple(queues.items))
    except (ServiceDown, Refused, TimeoutError) as error:
        _log.warning("menu_without_counts", reason=type(error).__name__)
        return NOTHING


def common(
    request: ASGIConnection[Any, Any, Any, Any], session: Session | None, shown: Navigation, now: datetime
) -> dict[str, Any]:
    """The values that `base.html` needs, whatever the page.

    `here` is the path, by which the menu knows where one is; `csrf` goes into each form; `now` is for words
    like « hier ».
    """
    return {
        "person": session,
        "csrf": session.csrf if session else "",
        "here": request.url.path,
        "searched": "",
        "navigation": shown,
        "appearance": appearance(request.cookies),
        "now": now,
    }
