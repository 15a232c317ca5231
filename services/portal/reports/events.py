"""The history of events, a page at a time, by type and time."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from litestar import Response, get

from services.portal.reports.choice import ROOT, read_day
from services.portal.visit import Here
from shared.events.titles import BY_NAME
from shared.http.identity import MANAGERS

PAGE: Final = f"{ROOT}/evenements"


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
    feed = await visit.query.events({**asked, "after": after})
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
