"""The webhooks after some events, and which of them want to be told of what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.events.base import Event
from shared.events.incident import IncidentRouted, IncidentTaken, NoteAdded, ReplySent
from shared.events.vocabulary import DisabledFor
from shared.events.webhook import WebhookDisabled, WebhookEnabled, WebhookRegistered, WebhookRemoved, WebhookTested
from shared.journal.records import Recorded
from shared.webhooks import TYPES, fold, wanting
from tests.unit.notifier.stories import AT, NADIA, story

ONE, OTHER = UUID(int=11), UUID(int=12)
ROUTED = IncidentRouted(group="postes", rule="r", why="…")


def registered(webhook: UUID = ONE, **changes: Any) -> WebhookRegistered:
    fields: dict[str, Any] = {"by": NADIA, "url": "https://hooks.example", "secret": "whsec_AAAA"}
    return WebhookRegistered(webhook=webhook, **fields | {"types": ["IncidentRouted"]} | changes)


def at(minute: int, event: Event) -> Recorded:
    (recorded,) = story(event)
    return Recorded(
        **{name: getattr(recorded, name) for name in recorded.__struct_fields__}
        | {"recorded_at": AT + timedelta(minutes=minute)}
    )


def test_they_stand_in_the_order_in_which_they_were_registered() -> None:
    found = fold(story(registered(OTHER), registered(), WebhookTested(webhook=ONE, by=NADIA)))
    assert list(found) == [OTHER, ONE]
    assert (found[ONE].url, found[ONE].disabled) == ("https://hooks.example", None)


def test_one_that_is_removed_is_no_more() -> None:
    assert fold(story(registered(), WebhookRemoved(webhook=ONE, by=NADIA))) == {}


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        (ROUTED, True),
        (IncidentTaken(by=NADIA, group="postes"), False),
        (ReplySent(by=NADIA, text="…"), False),
    ],
)
def test_it_is_told_of_the_types_that_it_asked_for(event: Event, wanted: bool) -> None:
    assert bool(wanting(fold([at(0, registered())]), at(1, event))) is wanted


def test_it_is_not_told_of_what_happened_before_it_was_registered() -> None:
    assert wanting(fold([at(5, registered())]), at(4, ROUTED)) == []


def test_nor_while_it_is_disabled_and_of_that_not_later_either() -> None:
    off = WebhookDisabled(webhook=ONE, reason=DisabledFor.GONE, error="réponse 410")
    disabled = fold([at(0, registered()), at(2, off)])
    assert disabled[ONE].disabled
    assert wanting(disabled, at(3, ROUTED)) == []
    enabled = fold([at(0, registered()), at(2, off), at(4, WebhookEnabled(webhook=ONE, by=NADIA))])
    assert wanting(enabled, at(3, ROUTED)) == []
    assert wanting(enabled, at(5, ROUTED)) == [ONE]


def test_nobody_can_ask_for_what_agents_alone_may_know_of() -> None:
    assert {"IncidentRouted", "IncidentTaken", "ReplySent", "IncidentReopened"} <= TYPES
    assert NoteAdded.__name__ not in TYPES
    assert not any(name.startswith(("Notification", "Confirmation", "Webhook", "Person")) for name in TYPES)
