"""What travels to a webhook."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

from services.notifier.webhooks.envelope import envelope, sign
from shared.events import registry
from shared.events.incident import IncidentRouted
from shared.events.webhook import WebhookTested
from shared.journal.records import Meta, Position, StoredEvent
from tests.unit.notifier.stories import AT, NADIA

ROUTED = IncidentRouted(group="postes", rule="subject:poste.logiciel", why="…")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def stored(event: object, number: str | None) -> StoredEvent:
    name, version = registry.type_and_schema(type(event))  # type: ignore[arg-type]
    return StoredEvent(
        position=Position(10, 2),
        stream_id=UUID(int=1),
        version=2,
        event_id=UUID(int=7),
        type=name,
        schema=version,
        recorded_at=AT,
        data=registry.encode(event).decode(),  # type: ignore[arg-type]
        meta=Meta(),
        number=number,
    )


def test_it_is_signed_as_standard_webhooks_are() -> None:
    """The example that everybody's libraries are tested with."""
    signature = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_it_is_a_cloud_event_that_stays_the_same() -> None:
    message, again = (
        envelope(stored(ROUTED, "1181106_0230"), ROUTED, {"number": "1181106_0230"}, "https://query") for _ in range(2)
    )
    assert message == again
    assert json.loads(message.body) == {
        "specversion": "1.0",
        "id": str(UUID(int=7)),
        "source": "https://query",
        "type": "fr.cecoia.IncidentRouted",
        "subject": "1181106_0230",
        "time": "2018-11-06T09:49:49+00:00",
        "datacontenttype": "application/json",
        "data": {"number": "1181106_0230"},
    }


def test_its_headers_tell_which_message_when_and_from_whom() -> None:
    message = envelope(stored(ROUTED, "1181106_0230"), ROUTED, {}, "https://query")
    at = datetime(2018, 11, 6, 10, 0, 0, 900_000, tzinfo=UTC)
    headers = message.headers(SECRET, at)
    assert headers["Content-Type"] == "application/cloudevents+json"
    assert (headers["Webhook-Id"], headers["Webhook-Timestamp"]) == (str(UUID(int=7)), "1541498400")
    assert headers["Webhook-Signature"] == sign(SECRET, str(UUID(int=7)), "1541498400", message.body)


def test_a_message_to_see_it_arrive_is_about_no_incident() -> None:
    tested = WebhookTested(webhook=UUID(int=3), by=NADIA)
    message = envelope(stored(tested, None), tested, {"webhook": str(UUID(int=3))}, "https://query")
    assert "subject" not in json.loads(message.body)
    assert b"Nadia" not in message.body
