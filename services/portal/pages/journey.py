"""The life of an incident, step by step: each event, and how the incident stood after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from litestar import Response, get
from litestar.params import FromPath

from services.portal.look.typography import moment
from services.portal.visit import Here
from shared.http.identity import SIGNED_IN
from shared.typography import NBSP, french
from shared.wire.past import JourneyStep, Standing

#: No incident has more steps than these can count.
_DIGITS: Final = 9

#: What is told of an incident after a step: label, and the field of `Standing`. Those of agents are empty for others.
_TOLD: Final = (
    ("Statut", "status_label"),
    ("Équipe", "group_label"),
    ("Responsable", "responsible"),
    ("Urgence", "urgency_label"),
    ("Objet", "subject_label"),
    ("En attente de", "hold_label"),
    ("Reprise prévue", "hold_until"),
    ("Documents", "documents"),
)
_DUES: Final = (("À prendre en compte avant", "take_due_at"), ("À résoudre avant", "resolve_due_at"))


class Told(NamedTuple):
    """A line about the incident; `before` is what it said a step earlier, None where that was the same."""

    label: str
    value: str
    before: str | None


@get("/incidents/{number:str}/parcours", access=SIGNED_IN, include_in_schema=False)
async def journey_page(visit: Here, number: FromPath[str]) -> Response[Any]:
    """One step of an incident's life.

    Read from the address: `etape`, the step, 1 for the first; or `le`, an instant, for the last step before it.
    """
    journey = await visit.query.journey(number)
    given = visit.request.query_params
    steps = journey.items
    current = chosen(steps, given.get("etape", ""), given.get("le", ""))
    step, before = steps[current - 1], steps[current - 2] if current > 1 else None
    return await visit.page(
        "journey.html",
        number=journey.number,
        steps=steps,
        current=current,
        step=step,
        facts=told(step.standing, before.standing if before else None, is_agent=visit.person.is_agent),
        says=[says(one, place, len(steps)) for place, one in enumerate(steps, start=1)],
    )


def chosen(steps: Sequence[JourneyStep], place: str, instant: str) -> int:
    """Which step to show, from 1: the nearest there is to what stands in the address; without anything, the first."""
    if place.isascii() and place.isdecimal():
        return min(max(int(place[:_DIGITS]), 1), len(steps))
    try:
        until = datetime.fromisoformat(instant)
    except ValueError:
        return 1
    if until.tzinfo is None:
        return 1
    return max((place for place, step in enumerate(steps, start=1) if step.at <= until), default=1)


def says(step: JourneyStep, place: int, count: int) -> str:
    """A step in words, for the slider: `Étape 3 sur 12 : Pris en compte, 06/11/2018 10:49:49`."""
    return f"Étape {place} sur {count}{NBSP}: {french(step.title)}, {moment(step.at)}"


def told(standing: Standing, before: Standing | None, *, is_agent: bool) -> list[Told]:
    """What the incident was like after a step.

    Args:
        standing: after it.
        before: after the step before; None for the first.
        is_agent: whether due times are told.
    """
    lines = [*_TOLD, *(_DUES if is_agent else ())]
    return [_told(label, name, standing, before or standing) for label, name in lines]


def _told(label: str, name: str, after: Standing, before: Standing) -> Told:
    now, then = (_written(name, getattr(standing, name)) for standing in (after, before))
    return Told(label, now, None if now == then else then)


def _written(name: str, value: datetime | str | int | None) -> str:
    if not value:
        return "-"
    if isinstance(value, datetime):
        return moment(value)
    return french(str(value)) if name.endswith("_label") else str(value)
