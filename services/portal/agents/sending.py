"""Sending a command about an incident as it is now, and not about one that has moved on from what was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from services.portal.upstream.http import Refused
from services.portal.visit import Visit
from shared.wire.incidents import IncidentDetail

_MOVED: Final = 412
_TRIES: Final = 3  # the incident may move between reading and writing


class Step(NamedTuple):
    """A command and its body."""

    command: str
    body: Mapping[str, str] = {}


async def send_if(
    visit: Visit, number: str, step: Step, key: str, judge: Callable[[IncidentDetail], bool]
) -> tuple[IncidentDetail, int] | None:
    """Send a command about an incident as it is now, provided that it is fit.

    Args:
        visit: the request.
        number: of the incident.
        step: what to send.
        key: the idempotency key.
        judge: whether the incident, as it is now, is fit.

    Returns:
        The incident before it and its version after; None where it is not fit, or moves all the time.

    Raises:
        Refused: for another reason.
    """
    for _ in range(_TRIES):
        incident = await visit.query.incident(number)
        if not judge(incident):
            break
        try:
            written = await visit.intake.command(number, step.command, step.body, key, version=incident.version)
        except Refused as refusal:
            if refusal.status != _MOVED:
                raise
        else:
            return incident, written.version
    return None
