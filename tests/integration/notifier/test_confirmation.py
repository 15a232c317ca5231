"""From the journal to the mailbox and back: what people get, and what is recorded of it."""

from __future__ import annotations

from shared.events.incident import IncidentRouted
from shared.events.notification import ConfirmationSent
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk
from tests.support.smtp import SmtpServer


async def test_a_new_incident_is_routed_and_confirmed(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    claire = await desk.claire()
    stream = await desk.create(claire)
    await bench.settle()
    (mail,) = smtp.mails
    (confirmed,) = await desk.of_type(stream, ConfirmationSent)
    (routed,) = await desk.of_type(stream, IncidentRouted)
    number = (await desk.events(stream))[0].number
    assert mail.recipient == "claire.martin@cecoia.example"
    assert f"[Incident n° {number}] Création" in mail.message["Subject"]
    assert confirmed.message_id == mail.message["Message-ID"]
    assert confirmed.to == claire
    assert (routed.group, routed.rule) == ("messagerie", "subject:messagerie.acces")
    assert await bench.states() == {"mail.done": 1, "offer.done": 1, "route.done": 1}
