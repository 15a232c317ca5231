"""« Suivi des incidents »: one's incidents, filtered, searched, sorted, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get

from services.portal.upstream.http import Refused, ServiceDown
from services.portal.visit import Here, Visit
from shared.events.vocabulary import Status
from shared.http.identity import SIGNED_IN
from shared.wire.incidents import IncidentPage

PAGE: Final = "/incidents"
SIZE: Final = 20
#: Code -> label of the segments above the list.
SEGMENTS: Final = {"": "Tous", "open": "Ouverts", "done": "Clôturés"}
SORTS: Final = {
    "-updated_at": "Mise à jour",
    "-recorded_at": "Enregistrement",
    "-urgency": "Urgence",
    "status": "Statut",
    "subject": "Objet",
}


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What the address asks for; each value is one that exists."""

    status: str = ""
    subject: str = ""
    q: str = ""
    sort: str = "-updated_at"
    scope: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str], *, is_agent: bool) -> Filters:
        """Read the address; what does not exist counts as not given.

        An agent who searches means all incidents, unless they say otherwise.
        """
        status, sort, q = given.get("status", ""), given.get("sort", ""), given.get("q", "").strip()[:200]
        scope = given.get("scope", "all" if q else "own")
        return cls(
            status=status if status in SEGMENTS or status in set(Status) else "",
            subject=given.get("subject", "")[:100],
            q=q,
            sort=sort if sort in SORTS else "-updated_at",
            scope=scope if is_agent and scope in {"own", "all"} else "",
        )

    def address(self, **changes: str) -> str:
        """The list with these filters, and others changed; what is usual is left out."""
        values = {**msgspec.structs.asdict(self), **changes}
        usual = {"status": "", "subject": "", "q": "", "sort": "-updated_at", "scope": "", "cursor": "", "trail": ""}
        query = {name: value for name, value in values.items() if value != usual[name]}
        return f"{PAGE}?{urlencode(query)}" if query else PAGE

    @property
    def is_narrow(self) -> bool:
        """Whether something is filtered or searched."""
        return bool(self.status or self.subject or self.q)


class Pages(msgspec.Struct, frozen=True, kw_only=True):
    """Where one is in the list. Addresses are None where there is no such page."""

    first: int
    last: int
    number: int
    count: int
    start: str | None
    previous: str | None
    next: str | None


def pages_of(page: IncidentPage, filters: Filters, cursor: str, trail: list[str]) -> Pages:
    """The way to the pages around this one.

    Args:
        page: what is shown.
        filters: what it was asked with.
        cursor: that of this page, empty for the first.
        trail: the cursors of the pages before it, without the first.
    """
    visited = [*trail, cursor] if cursor else []
    number = len(visited) + 1
    before = None
    if visited:
        before = filters.address(cursor=trail[-1] if trail else "", trail=".".join(trail[:-1]))
    return Pages(
        first=(number - 1) * SIZE + 1,
        last=(number - 1) * SIZE + len(page.items),
        number=number,
        count=max(number, -(-page.total // SIZE)),
        start=filters.address() if number > 2 else None,  # noqa: PLR2004 - page 2 has « Précédente » for it
        previous=before,
        next=filters.address(cursor=page.next, trail=".".join(visited)) if page.next else None,
    )


@get(PAGE, access=SIGNED_IN, include_in_schema=False)
async def tracking(visit: Here) -> Response[Any]:
    """Show the list."""
    given = visit.request.query_params
    filters = Filters.of(given, is_agent=visit.person.is_agent)
    cursor, trail = given.get("cursor", ""), [mark for mark in given.get("trail", "").split(".") if mark][:200]
    page = await _asked(visit, filters, cursor)
    if page is None:
        return visit.redirect(filters.address())
    try:
        subjects = await visit.site.catalogue.subjects(visit.query)
    except ServiceDown:
        subjects = []
    return await visit.page(
        "tracking.html",
        page=page,
        rows=page.items,
        filters=filters,
        pages=pages_of(page, filters, cursor, trail),
        segments=SEGMENTS,
        sorts=SORTS,
        subjects=subjects,
        searched=filters.q,
    )


async def _asked(visit: Visit, filters: Filters, cursor: str) -> IncidentPage | None:
    """The rows; None when the cursor does not belong to this list any more."""
    try:
        return await visit.query.incidents(**msgspec.structs.asdict(filters), limit=SIZE, cursor=cursor)
    except Refused:
        if cursor:
            return None
        raise
