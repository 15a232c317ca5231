"""Sending a form that publishes something: what was typed is kept until it has arrived, and a second click is none."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from services.portal.drafts.receiving import Received
from services.portal.drafts.store import Draft
from services.portal.upstream.http import KEY_USED, FieldProblem, Refused, ServiceDown
from services.portal.upstream.problems import FormField, Shown, shown
from services.portal.visit import Visit

T = TypeVar("T")

_BEFORE: Final = "Un premier envoi était déjà arrivé. Ce texte-ci est gardé, envoyez-le s’il dit autre chose"
_AWAY: Final = "Le service ne répond pas. Votre texte est conservé, réessayez dans quelques instants"
_CONFLICT, _INVALID, _UNAVAILABLE = 409, 422, 503


class Unsent(Exception):
    """The form did not arrive: what to show with the draft that now holds it, and the status of that page."""

    def __init__(self, draft: Draft, problems: list[Shown], status: int) -> None:
        super().__init__(status)
        self.draft = draft
        self.problems = problems
        self.status = status


async def send(
    visit: Visit, received: Received, fields: Mapping[str, FormField], call: Callable[[str], Awaitable[T]], number: str
) -> T:
    """Send a form under the key that is its draft's name.

    Args:
        visit: the request.
        received: the form.
        fields: in the order of the page.
        call: sends it, given the key.
        number: what the draft is remembered to have become.

    Raises:
        Unsent: it did not arrive.
    """
    draft = received.draft
    if received.problems:
        raise Unsent(draft, shown(received.problems, fields, draft.fields), _INVALID)
    try:
        answer = await call(draft.id)
    except Refused as refusal:
        if refusal.problem.type == KEY_USED:
            fresh = await visit.site.drafts.renew(visit.owner, draft, now=time.time())
            raise Unsent(fresh, [_whole(_BEFORE)], _CONFLICT) from refusal
        problems = refusal.problem.errors or [FieldProblem("", refusal.problem.detail)]
        raise Unsent(draft, shown(problems, fields, draft.fields), refusal.status) from refusal
    except ServiceDown as down:
        raise Unsent(draft, [_whole(_AWAY)], _UNAVAILABLE) from down
    await visit.site.drafts.mark_sent(visit.owner, draft, number)
    return answer


def _whole(message: str) -> Shown:
    return Shown(anchor="contenu", label="Envoi", message=message)
