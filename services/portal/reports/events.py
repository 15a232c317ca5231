"""The history of events, a page at a time, by type and time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from litestar import Response, get

from services.portal.reports.choice import ROOT, read_day
from services.portal.visit import Here, Visit
from shared.events.titles import BY_NAME
from shared.http.identity import MANAGERS
from shared.wire.feed import Feed

PAGE: Final = f"{ROOT}/evenements"
#: How often the feed is asked on for a page that has nothing yet: some millions of events, in about a second.
_LOOKS: Final = 20


@get(PAGE, access=MANAGERS, include_in_schema=False)
async def events(visit: Here) -> Response[str]:
    """The history of events, oldest first.

    Read from the address: `type`, an event's name; `from` and `to`, days in Paris; `after`, the cursor of the page.
    """
    given = visit.request.query_params
    days = {name: day.isoformat() for name in ("from", "to") if (day := read_day(given.get(name)))}
    kind = given.get("type", "") if given.get("type") in BY_NAME else ""
    asked = {name: value for name, value in {"type": kind, **days}.items() if value}
    after = given.get("after", "")
    feed = await _next(visit, asked, after)
    return await visit.page(
        "reports/events.html",
        feed=feed,
        after=after,
        asked=asked,
        kinds=BY_NAME,
        opens=visit.person.is_agent,
        first=f"{PAGE}?{urlencode(asked)}",
        following=f"{PAGE}?{urlencode({**asked, 'after': feed.next})}",
    )


async def _next(visit: Visit, asked: Mapping[str, str], after: str) -> Feed:
    """The next events that are wanted: one answer of the feed looks at so many and may find none of them."""
    feed = Feed(items=[], next=after, more=True)
    for _ in range(_LOOKS):
        feed = await visit.query.events({**asked, "after": feed.next})
        if feed.items or not feed.more:
            break
    return feed
