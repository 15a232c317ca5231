"""A queue as it was at an instant: what waited then, and no command."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from services.portal.queues import view as choices
from services.portal.queues.pages import NOT_FOUND, SIZE
from services.portal.queues.view import ROOT, View
from services.portal.upstream.http import Refused
from services.portal.visit import Here, Visit
from shared.clock import PARIS
from shared.http.identity import AGENTS
from shared.wire.queues import QueuePage

_NOT_PAST: Final = "Choisissez un jour et une heure qui sont passés. Voici ce qui attend à cet instant."
_HOUR: Final = timedelta(hours=1)
#: Nothing was recorded before.
_EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)


@get(f"{ROOT}/{{group:str}}/alors", access=AGENTS, include_in_schema=False)
async def queue_then(visit: Here, group: FromPath[str]) -> Response[Any]:
    """What waited for a group, or for all groups of the agent, most pressing first.

    Read from the address: `jour` and `heure`, in Paris, without which it is the present instant; the filters of `View`,
    but no words, which only the present can be searched for; `suite` (cursor).
    """
    given = visit.request.query_params
    view = View.of(group, given).but(q="")
    now = visit.site.now()
    wanted = read_instant(given.get("jour", ""), given.get("heure", ""), now)
    instant = (wanted or now).replace(microsecond=0)
    waited = await _asked(visit, view, instant, given.get("suite", ""))
    if waited is None:
        return visit.redirect(address(view, instant))
    return await visit.page(
        "queue_then.html",
        status_code=200 if wanted else 422,
        queue=waited,
        view=view,
        choices=choices,
        subjects=await visit.site.catalogue.subjects(visit.query),
        instant=instant,
        local=instant.astimezone(PARIS),
        problem="" if wanted else _NOT_PAST,
        earlier=address(view, instant - _HOUR),
        later=address(view, instant + _HOUR) if instant + _HOUR <= now else "",
        following=address(view, instant, suite=waited.next) if waited.next else "",
        begun=address(view, instant) if "suite" in given else "",
        unfiltered=address(View(group=view.group), instant),
    )


def read_instant(day: str, hour: str, now: datetime) -> datetime | None:
    """The instant that a day and an hour in Paris mean; the present one without a day, None for what is not past.

    An offset behind the hour tells the two apart that an autumn night has of it; any other is not heeded.
    """
    if not day:
        return now
    try:
        wall = datetime.combine(date.fromisoformat(day), time.fromisoformat(hour or "00:00"))
    except ValueError:
        return None
    once, again = (wall.replace(tzinfo=PARIS, fold=fold) for fold in (0, 1))
    instant = again if wall.utcoffset() == again.utcoffset() else once
    return max(instant, _EARLIEST).astimezone(UTC) if instant <= now else None


def address(view: View, instant: datetime, **more: str) -> str:
    """The page of a queue at an instant, to the second."""
    local = instant.astimezone(PARIS)
    again = local.isoformat()[-len("+01:00") :] if local.fold else ""
    hour = f"{local:%H:%M:%S}".removesuffix(":00") + again
    return f"{view.path}/alors?{urlencode({'jour': f'{local:%Y-%m-%d}', 'heure': hour, **view.filters, **more})}"


async def _asked(visit: Visit, view: View, instant: datetime, cursor: str) -> QueuePage | None:
    """The rows; None when the cursor is none of this list."""
    given = {**view.asked(), "at": instant.isoformat()}
    try:
        return await visit.query.queue(view.group, given, cursor=cursor, limit=SIZE)
    except Refused as refusal:
        if cursor and refusal.status != NOT_FOUND:
            return None
        raise
