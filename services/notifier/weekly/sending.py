"""Sends the mail about a week, as soon as query can say what happened in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import httpx

from services.notifier.mail.mailer import Mailer
from services.notifier.mail.plain import Letter, deliver
from services.notifier.toolbox import Toolbox
from services.notifier.weekly.figures import Reporting
from services.notifier.weekly.letter import letter
from services.notifier.weekly.planning import head
from services.notifier.weekly.weeks import Week
from services.notifier.work import rows as work
from services.notifier.work.claims import apart, one_by_one
from services.notifier.work.rows import Claimed
from shared.logs import logger

_log = logger(__name__)

#: How soon to ask again at the latest while query is away, or still reads what happened.
_AGAIN: Final = timedelta(minutes=5)


async def report_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Write to the supervisors about the weeks that these rows name."""
    mailer = Mailer(tools.server)
    try:
        async for row in one_by_one(tools, ids, told):
            async with apart(tools, row, log="report_broken"):
                await _report(tools, mailer, row)
    finally:
        await mailer.close()


async def _report(tools: Toolbox, mailer: Mailer, row: Claimed) -> None:
    try:
        written = await _written(tools, Week(date.fromisoformat(row.recipient)))
    except httpx.HTTPError as error:
        _log.warning("report_waits", work=row.id, error=_said(error))
        async with tools.pool.acquire() as connection:
            await work.failed(connection, row, error=_said(error), within=_AGAIN)
    else:
        await deliver(tools, mailer, row, written)


def _said(error: httpx.HTTPError) -> str:
    """Who answered what, for whoever has to find out why nothing was sent."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"{error.response.status_code} {error.request.url.path}"
    return type(error).__name__


async def _written(tools: Toolbox, week: Week) -> Letter | None:
    """The mail; None where nobody is to get one any more.

    Raises:
        httpx.HTTPError: its figures cannot be had at present.
    """
    settings = tools.settings
    if not (settings.supervisors_mail and settings.reporting_client):
        return None
    async with tools.pool.acquire() as connection:
        position = await head(connection)
    async with Reporting(settings, position) as reporting:
        summary = await reporting.summary(week)
    catalogue = await tools.catalogue.latest()
    return letter(week, summary, catalogue.label, settings.portal_url, settings.supervisors_mail)
