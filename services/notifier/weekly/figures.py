"""The figures of a week, asked of query as any program would ask."""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple, Self, TypeAlias

import httpx
import msgspec

from services.notifier.weekly.weeks import Week
from shared.journal.records import Position
from shared.service_token import ServiceToken
from shared.settings import Settings
from shared.wire.reports import Report

#: Seconds without a sign of life of one answer.
_LIMIT: Final = 8.0
#: Seconds for all answers: with the mail they take less than a lease lasts.
_LIMIT_OF_ALL: Final = 60.0
#: How many subjects are named whose incidents went to the wrong group, and from how many transfers on.
_NAMED, _FROM = 5, 2

_Cell: TypeAlias = str | int | float | None


class Figures(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={"taken_in_time": "take_met_share", "resolved_in_time": "resolve_met_share"},
):
    """A week, by the columns of reports; shares are from 0 to 1, None where there is nothing to reckon from.

    Attributes:
        open: at its end.
        taken_in_time, resolved_in_time: the share of those whose target was met.
        ratings, average: how many said how content they were, and how much from 1 to 5.
    """

    created: int = 0
    taken: int = 0
    resolved: int = 0
    closed: int = 0
    open: int = 0
    taken_in_time: float | None = None
    resolved_in_time: float | None = None
    ratings: int = 0
    average: float | None = None


class Misrouted(msgspec.Struct, frozen=True, kw_only=True):
    """A subject, how many incidents it had, and how many of them another group had to answer."""

    subject: str
    incidents: int
    transferred: int


class Summary(NamedTuple):
    """A week, the one before it, and what was badly routed in it, most first."""

    week: Figures
    before: Figures
    misrouted: list[Misrouted]


class Reporting:
    """Asks for reports in the name of the program that may read them; an asynchronous context.

    Args:
        settings: where query and the identity provider are, and who asks.
        position: what the answers must show.
    """

    def __init__(self, settings: Settings, position: Position) -> None:
        token = ServiceToken(settings.oidc_issuer, settings.reporting_client, settings.reporting_secret or "")
        self._client = httpx.AsyncClient(
            base_url=settings.query_url,
            auth=token,
            headers={"Min-Event-Position": position.encode()},
            timeout=_LIMIT,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def summary(self, week: Week) -> Summary:
        """A week beside the one before.

        Raises:
            httpx.HTTPError: query or the identity provider does not answer, not yet, or too slowly.
        """
        try:
            async with asyncio.timeout(_LIMIT_OF_ALL):
                return Summary(await self._figures(week), await self._figures(week.before), await self._misrouted(week))
        except TimeoutError as error:
            raise httpx.ReadTimeout("all answers together took too long") from error

    async def _figures(self, week: Week) -> Figures:
        found: dict[str, _Cell] = {}
        for report in ("volumes", "backlog", "targets", "satisfaction"):
            for row in await self._ask(report, week, "week"):
                found |= row
        return msgspec.convert(found, Figures)

    async def _misrouted(self, week: Week) -> list[Misrouted]:
        rows = msgspec.convert(await self._ask("transfers", week, "subject"), list[Misrouted])
        bad = [row for row in rows if row.transferred >= _FROM]
        return sorted(bad, key=lambda row: (-row.transferred, row.subject))[:_NAMED]

    async def _ask(self, report: str, week: Week, by: str) -> list[dict[str, _Cell]]:
        """The rows of a report over a week, each by the names of its columns."""
        asked = {"from": week.first.isoformat(), "to": week.last.isoformat(), "by": by}
        answer = await self._client.get(f"/v1/reports/{report}", params=asked)
        found = msgspec.json.decode(answer.raise_for_status().content, type=Report)
        names = [column.name for column in found.columns]
        return [dict(zip(names, row, strict=True)) for row in found.rows]
