"""Tells the group, and the supervisors where a target was missed, by mail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from jinja2 import StrictUndefined, Template

from services.notifier.asked import asked
from services.notifier.mail.mailer import Mailer
from services.notifier.mail.plain import Letter, deliver
from services.notifier.toolbox import Toolbox
from services.notifier.work.claims import apart, one_by_one
from services.notifier.work.planning import GROUP
from services.notifier.work.rows import Claimed
from shared.catalogue import Catalogue
from shared.clock import PARIS
from shared.events.incident import IncidentEscalated
from shared.events.vocabulary import Stage
from shared.journal.read import read_stream
from shared.journal.records import Recorded
from shared.journal.sealing import leave_sealed

_WORDS: Final = Template(
    Path(__file__).with_name("alert.txt").read_text(encoding="utf-8"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
)


async def alert_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Write to those whom these rows name; where they have no address, nobody is written to."""
    catalogue = await tools.catalogue.latest()
    mailer = Mailer(tools.server)
    try:
        async for row in one_by_one(tools, ids, told):
            async with apart(tools, row, log="alert_broken"):
                async with tools.pool.acquire() as connection:
                    events = leave_sealed(await read_stream(connection, row.stream_id))
                await deliver(tools, mailer, row, _letter(tools, row, events, catalogue))
    finally:
        await mailer.close()


def _letter(tools: Toolbox, row: Claimed, events: Sequence[Recorded], catalogue: Catalogue) -> Letter | None:
    """The mail; nothing personal is in it. None where nobody can be written to."""
    told = next(recorded.event for recorded in events if recorded.event_id == row.event_id)
    if not isinstance(told, IncidentEscalated):
        raise TypeError(f"work {row.id} tells of no escalation")
    group = catalogue.groups.get(told.group)
    address = (group.mail if group else "") if row.recipient == GROUP else tools.settings.supervisors_mail
    if not address:
        return None
    number = events[0].number or ""
    state = "bientôt dépassé" if told.stage is Stage.NEAR else "dépassé"
    text = _WORDS.render(
        number=number,
        target=told.target.label,
        missed=told.stage is Stage.MISSED,
        subject=catalogue.label(asked(recorded.event for recorded in events)[0]),
        group=catalogue.group_label(told.group),
        due=f"{told.due_at.astimezone(PARIS):%d/%m/%Y à %H:%M}",
        link=f"{tools.settings.portal_url.rstrip('/')}/incidents/{number}",
    )
    title = f"[Incident n° {number}] Délai de {told.target.label} {state}"
    return Letter(to=("", address), subject=title, text=text)
