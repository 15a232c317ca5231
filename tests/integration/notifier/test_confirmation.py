"""From the journal to the mailbox and back: what people get, and what is recorded of it."""

from __future__ import annotations

import asyncio

from services.notifier.work.queues import Kind
from shared.events.base import Person
from shared.events.incident import (
    IncidentCancelled,
    IncidentResolved,
    IncidentRouted,
    IncidentTaken,
    IncidentUpdated,
    ReplySent,
)
from shared.events.notification import ConfirmationSent, NotificationFailed, NotificationSent
from shared.events.vocabulary import Message
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk
from tests.support.smtp import Fault, SmtpServer


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
    assert await bench.states() == {"mail.done": 1, "offer.done": 1, "route.done": 1, "target.waiting": 1}


async def test_what_is_recorded_names_cause_and_request(bench: Bench, desk: Desk) -> None:
    stream = await desk.create(await desk.claire())
    await bench.settle()
    created, *own = await desk.events(stream)
    assert {recorded.meta.cause for recorded in own} == {created.event_id}
    assert {recorded.meta.correlation for recorded in own} == {"request-1"}


async def test_an_incident_lived_through_tells_both_people(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    claire, nadia = await desk.claire(), await desk.nadia()
    hugo = await desk.person("Hugo Petit", "hugo.petit@cecoia.example")
    stream = await desk.create(claire, hugo)
    for event in (
        IncidentTaken(by=nadia, group="messagerie"),
        IncidentUpdated(by=claire, text="Encore ceci."),
        ReplySent(by=nadia, text="Essayez."),
        IncidentResolved(by=nadia, text="Réparé."),
        IncidentCancelled(by=claire, reason="Merci."),
    ):
        await desk.record(stream, event)
    await bench.settle()
    got: dict[str, list[str]] = {}
    for mail in smtp.mails:
        got.setdefault(mail.recipient, []).append(mail.message["Subject"].split("] ")[1].split(" – ")[0])
    assert sorted(got["claire.martin@cecoia.example"]) == sorted(
        ["Création", "Prise en compte", "Réponse", "Résolution"]
    )
    assert sorted(got["hugo.petit@cecoia.example"]) == sorted(
        ["Création", "Prise en compte", "Mise à jour", "Réponse", "Résolution", "Annulation"]
    )
    assert len(await desk.of_type(stream, ConfirmationSent)) == 2
    assert len(await desk.of_type(stream, NotificationSent)) == 8


async def test_messages_delivered_twice_do_nothing_twice(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    streams = [await desk.create(await desk.claire()) for _ in range(5)]
    await bench.follow()
    messages = await bench.dispatch()
    await asyncio.gather(bench.deliver(messages), bench.deliver(messages))
    await bench.deliver(messages)
    assert len(smtp.mails) == 5
    for stream in streams:
        assert len(await desk.of_type(stream, IncidentRouted)) == 1
        assert len(await desk.of_type(stream, ConfirmationSent)) == 1


async def test_a_message_of_an_old_lease_does_nothing(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    await desk.create(await desk.claire())
    await bench.follow()
    old = await bench.dispatch()
    await bench.make_due()
    new = await bench.dispatch()
    await bench.deliver(old)
    assert smtp.mails == []
    await bench.deliver(new)
    assert len(smtp.mails) == 1


async def test_pages_handled_twice_plan_nothing_twice(bench: Bench, desk: Desk) -> None:
    await desk.create(await desk.claire())
    await bench.follow()
    await bench.tools.pool.execute("update journal.checkpoints set xid = '0', position = 0")
    await bench.follow()
    assert await bench.states() == {"mail.due": 1, "route.due": 1, "target.due": 1}


async def test_a_lost_table_of_work_sends_nothing_again(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    """Only the journal is true: dropped rows come back from it, and what it says was sent is not sent again."""
    stream = await desk.create(await desk.claire())
    await desk.reply(stream, await desk.nadia())
    await bench.settle()
    before = await desk.events(stream)
    await bench.tools.pool.execute("delete from notifier.work")
    await bench.tools.pool.execute("update journal.checkpoints set xid = '0', position = 0")
    await bench.settle()
    assert len(smtp.mails) == 2
    assert await desk.events(stream) == before
    assert {state for state in await bench.states() if not state.endswith("done")} == {"target.waiting"}


async def test_an_erased_person_gets_no_mail(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    claire = await desk.claire()
    stream = await desk.create(claire)
    await desk.erase(claire)
    await bench.settle()
    assert smtp.mails == []
    assert (await bench.rows(Kind.MAIL))[0]["done_at"] is not None
    assert await desk.of_type(stream, ConfirmationSent, NotificationFailed) == []


async def heard(bench: Bench, person: Person) -> None:
    """Wait until the worker knows of the erasure of a person."""
    async with asyncio.timeout(20):
        while await bench.tools.vault._keyring.keys([person.id]):
            await asyncio.sleep(0.05)


async def test_what_errors_said_of_an_erased_person_is_forgotten(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    """Of a mail that was given up and of one that waits to be tried again; that one ends quietly."""
    claire, hugo = await desk.claire(), await desk.person("Hugo Petit", "hugo.petit@cecoia.example")
    smtp.faults += [
        Fault("rcpt", "550 La boîte de Mme Martin est fermée", times=1),
        Fault("rcpt", "451 La boîte de Mme Martin est pleine", times=1),
        Fault("rcpt", "550 La boîte de M. Petit est fermée", times=1),
    ]
    for requester in (claire, claire, hugo):
        await desk.create(requester)
        await bench.settle()
    given_up, waiting, other = await bench.rows(Kind.MAIL)
    assert "Martin" in given_up["last_error"]
    assert "Martin" in waiting["last_error"]
    await desk.erase(claire)
    await heard(bench, claire)
    await bench.settle()
    await bench.make_due()
    await bench.settle()
    given_up, waiting, other = await bench.rows(Kind.MAIL)
    assert (given_up["last_error"], waiting["last_error"]) == (None, None)
    assert given_up["dead_at"] is not None
    assert waiting["done_at"] is not None
    assert "Petit" in other["last_error"]
    assert smtp.mails == []


async def test_a_worker_hears_of_an_erasure(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    """It has read the person's key a moment ago, and writes to them no more."""
    claire = await desk.claire()
    stream = await desk.create(claire)
    await bench.settle()
    assert len(smtp.mails) == 1
    await desk.erase(claire)
    await heard(bench, claire)
    await desk.reply(stream, await desk.nadia())
    await bench.settle()
    assert len(smtp.mails) == 1


async def test_nobody_without_an_address_is_written_to(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    await desk.create(await desk.person("Sans Adresse", None))
    await bench.settle()
    assert smtp.mails == []
    assert (await bench.states())["mail.done"] == 1


async def test_what_is_created_after_a_route_was_changed_goes_by_it(bench: Bench, desk: Desk) -> None:
    """However young the catalogue is that was read before."""
    claire, groups = await desk.claire(), []
    for group in ("messagerie", "reseau", "accueil"):
        await desk.reroute("messagerie.acces", group)
        stream = await desk.create(claire)
        await bench.settle()
        (routed,) = await desk.of_type(stream, IncidentRouted)
        groups.append(routed.group)
    assert groups == ["messagerie", "reseau", "accueil"]


async def test_a_subject_nobody_knows_goes_to_the_front_desk(bench: Bench, desk: Desk) -> None:
    stream = await desk.create(await desk.claire(), subject="minitel")
    await bench.settle()
    (routed,) = await desk.of_type(stream, IncidentRouted)
    assert (routed.group, routed.rule) == ("accueil", "fallback")


async def test_a_hundred_incidents_are_routed_with_one_message(bench: Bench, desk: Desk) -> None:
    claire = await desk.claire()
    streams = await asyncio.gather(*(desk.create(claire) for _ in range(100)))
    await bench.follow()
    routes = [message for message in await bench.dispatch() if message[0] is Kind.ROUTE]
    assert [len(ids) for _, _, ids in routes] == [100]
    await bench.deliver(routes)
    assert all([await desk.of_type(stream, IncidentRouted) for stream in streams])


async def test_a_backlog_waits_in_the_table(bench: Bench, desk: Desk) -> None:
    """No more rows are in flight than workers can look at before their leases end."""
    await desk.create(await desk.claire())
    await bench.follow()
    await bench.tools.pool.execute(
        "insert into notifier.work (kind, event_id, stream_id, xid, position, give_up_at) "
        "select 'mail', gen_random_uuid(), gen_random_uuid(), '1', 1, now() from generate_series(1, 1000)"
    )
    mails = [ids for kind, _, ids in await bench.dispatch() if kind is Kind.MAIL]
    assert sum(map(len, mails)) == 400
    assert [ids for kind, _, ids in await bench.dispatch() if kind is Kind.MAIL] == []


async def test_all_mails_of_an_incident_are_one_thread(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    stream = await desk.create(await desk.claire())
    await desk.reply(stream, await desk.nadia())
    await bench.settle()
    assert {mail.message["References"] for mail in smtp.mails} == {f"<incident-{stream}@cecoia.example>"}
    assert len({mail.message["Message-ID"] for mail in smtp.mails}) == 2
    (reply,) = await desk.of_type(stream, NotificationSent)
    assert reply.message is Message.REPLY
