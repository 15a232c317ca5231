"""Given these webhooks, when a command comes, then this event or this refusal."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from services.intake.incident.deciding import Refusal
from services.intake.webhooks.deciding import MOST, change, register
from shared.events.vocabulary import DisabledFor
from shared.events.webhook import WebhookDisabled, WebhookEnabled, WebhookRegistered, WebhookRemoved, WebhookTested
from shared.http.problems import Problem
from shared.webhooks import Disabled, Webhook
from tests.unit.notifier.stories import AT, NADIA

ID = UUID(int=11)
WANTED = WebhookRegistered(
    webhook=ID, by=NADIA, url="https://hooks.example", secret="whsec_AAAA", types=["IncidentRouted"]
)
ACTIVE = Webhook(
    id=ID,
    url="sealed.1.AAAA",
    secret="sealed.1.AAAA",
    group=None,
    types=frozenset({"IncidentRouted"}),
    by=NADIA,
    registered_at=AT,
    since=AT,
)
OFF = msgspec.structs.replace(ACTIVE, disabled=Disabled(at=AT, reason=DisabledFor.GONE, error="réponse 410"))


@pytest.mark.parametrize(
    ("webhook", "command", "event"),
    [
        (ACTIVE, "test", WebhookTested(webhook=ID, by=NADIA)),
        (OFF, "test", WebhookTested(webhook=ID, by=NADIA)),
        (ACTIVE, "disable", WebhookDisabled(webhook=ID, reason=DisabledFor.HAND, by=NADIA)),
        (OFF, "enable", WebhookEnabled(webhook=ID, by=NADIA)),
        (ACTIVE, "remove", WebhookRemoved(webhook=ID, by=NADIA)),
        (OFF, "remove", WebhookRemoved(webhook=ID, by=NADIA)),
    ],
)
def test_what_a_command_makes_happen(webhook: Webhook, command: str, event: object) -> None:
    assert change({ID: webhook}, ID, command, NADIA) == event


@pytest.mark.parametrize(("webhook", "command"), [(ACTIVE, "enable"), (OFF, "disable")])
def test_what_is_so_already_is_refused(webhook: Webhook, command: str) -> None:
    with pytest.raises(Refusal):
        change({ID: webhook}, ID, command, NADIA)


@pytest.mark.parametrize("command", ["test", "disable", "enable", "remove"])
def test_what_there_is_not_is_not_found(command: str) -> None:
    with pytest.raises(Problem) as problem:
        change({}, ID, command, NADIA)
    assert problem.value.status == 404


def test_there_may_be_so_many_and_no_more() -> None:
    known = {UUID(int=n): ACTIVE for n in range(MOST - 1)}
    assert register(known, WANTED) == WANTED
    with pytest.raises(Refusal):
        register(known | {UUID(int=MOST): ACTIVE}, WANTED)
