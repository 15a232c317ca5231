"""Today as supervisors look at it: what waits, what is late, what comes in faster than usual.

A subject comes in faster than usual when more incidents of it were created today than chance explains: at least three
above the average of the same weekday by the same hour, and so many that chance alone would rarely bring them. The
average is that of the last eight such days on which the calendar of the subject's group was not closed; a subject
counts as what it is now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from math import exp, lgamma, log, log1p
from typing import Final

from litestar import get

from services.query.context import Here, Reader
from services.query.freshness import Fresh, read_header, wait_projected
from services.query.incidents import lists
from services.query.projections import catalogue
from services.query.projections.generations import sql
from shared import clock
from shared.catalogue import Catalogue
from shared.clock import PARIS
from shared.database import Connection
from shared.http.identity import MANAGERS
from shared.targets.due import hours_of
from shared.wire.dashboard import Dashboard, Rush, Waiting
from shared.wire.queues import QueueCount

#: How many open days of the same weekday today is compared with, and how many weeks back they are looked for.
DAYS: Final = 8
WEEKS: Final = 26
#: What chance does not explain: what it brings once in a thousand times, and so many incidents above the average.
RARE: Final = 0.001
LEAST: Final = 3

#: How many incidents of a subject were created on a day, up to the hour it is now.
Counts = Mapping[tuple[date, str], int]


@get("/v1/dashboard", access=MANAGERS)
async def dashboard(context: Here, viewer: Reader, fresh: Fresh = None) -> Dashboard:
    """Aujourd’hui : ce qui attend, ce qui est en retard, ce qui arrive plus vite que d’habitude."""
    await wait_projected(context, "tracking", read_header(fresh))
    now = clock.now()
    async with context.projection("tracking") as (connection, schema):
        known = await catalogue.read(connection, schema)
        counts = await lists.queues(connection, schema, list(known.groups), viewer)
        created = await _created(connection, schema, now)
    today = clock.paris_date(now)
    return Dashboard(
        at=now,
        created=sum(count for (day, _), count in created.items() if day == today),
        waiting=[_waiting(count) for count in counts.items],
        rushes=rushes(created, today, known),
    )


def _waiting(count: QueueCount) -> Waiting:
    return Waiting(
        group=count.group or "",
        label=count.label,
        to_handle=count.to_handle,
        in_progress=count.in_progress,
        on_hold=count.total - count.to_handle - count.in_progress,
        late=count.late,
        oldest_at=count.oldest_at,
    )


async def _created(connection: Connection, schema: str, now: datetime) -> Counts:
    """What was created today and on the same weekday of each week before, from midnight to the hour it is now."""
    hour = now.astimezone(PARIS).time()
    days = [clock.paris_date(now) - timedelta(weeks=weeks) for weeks in range(WEEKS + 1)]
    since, until = ([datetime.combine(day, moment, PARIS) for day in days] for moment in (time(), hour))
    rows = await connection.fetch(sql(__file__, schema).created_within, since, until)
    return {(days[row["rank"] - 1], row["subject"]): row["created"] for row in rows}


def rushes(created: Counts, today: date, known: Catalogue) -> list[Rush]:
    """The subjects that come in faster than usual, the greatest rush first.

    Args:
        created: today, and on the same weekday of the weeks before.
        today: in Paris.
        known: the catalogue, which knows when groups are closed.
    """
    found = []
    for subject in {subject for day, subject in created if day == today}:
        days = list(_open_days(today, subject, known))
        before, now = sum(created.get((day, subject), 0) for day in days), created[today, subject]
        if days and is_rush(now, before, len(days)):
            usual = round(before / len(days), 1)
            found.append(Rush(subject=subject, label=known.label(subject), created=now, usual=usual, days=len(days)))
    return sorted(found, key=lambda rush: (rush.usual - rush.created, rush.subject))


def is_rush(created: int, before: int, days: int) -> bool:
    """Whether there are more today than chance explains.

    Args:
        created: today.
        before: on all the days before together.
        days: how many these were; at least one.
    """
    return created - before / days >= LEAST and chance(created, before, days) <= RARE


def chance(created: int, before: int, days: int) -> float:
    """How likely so many of all these incidents, or more, fall on today if each day is as likely as the others.

    Exact for few incidents as for many, and careful where few days are known, whose average is itself a chance.
    """
    both, share = created + before, 1 / (days + 1)
    ways = ((n, lgamma(both + 1) - lgamma(n + 1) - lgamma(both - n + 1)) for n in range(created, both + 1))
    return sum(exp(way + n * log(share) + (both - n) * log1p(-share)) for n, way in ways)


def _open_days(today: date, subject: str, known: Catalogue) -> Iterator[date]:
    """The last days of today's weekday on which nothing kept the subject's group closed."""
    hours, found = hours_of(None, subject, known), 0
    for weeks in range(1, WEEKS + 1):
        day = today - timedelta(weeks=weeks)
        if found < DAYS and (hours is None or hours.why_closed(day) is None):
            found += 1
            yield day


ROUTES = [dashboard]
