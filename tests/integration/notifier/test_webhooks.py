"""Webhooks with a real receiver: told once it answers well, again until then, and left alone when that lasts too long."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace

from services.notifier.toolbox import Toolbox
from services.notifier.webhooks import sending
from services.notifier.webhooks.envelope import sign
from services.notifier.webhooks.sending import Courier, NotDelivered
from services.notifier.work.queues import Kind
from shared.events.base import Event
from shared.events.incident import IncidentRouted
from shared.events.vocabulary import DisabledFor
from shared.events.webhook import WebhookDisabled, WebhookEnabled, WebhookRegistered, WebhookRemoved, WebhookTested
from shared.journal.append import append
from shared.journal.read import read_stream
from shared.journal.records import Append, Meta, NewEvent
from shared.settings import Settings
from shared.webhooks import KEY_ISSUER, WEBHOOKS_STREAM
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk
from tests.integration.notifier.processes import running
from tests.support.receiver import ENDLESS, HANG, Receiver, receiving
from tests.support.smtp import SmtpServer
from tests.support.waiting import until

LOOPBACK = (ip_network("127.0.0.0/8"),)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = dt.timedelta(0)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, webhook_networks=LOOPBACK)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as listening:
        yield listening


class Office:
    """What supervisors do with webhooks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def register(self, url: str, *types: str, group: str | None = None, ago: dt.timedelta = NOW) -> UUID:
        webhook, sophie = uuid4(), await self.sophie()
        owner = await self._desk.vault.person(issuer=KEY_ISSUER, sub=str(webhook), name="", email=None)
        wanted = list(types or ("IncidentRouted",))
        event = WebhookRegistered(webhook=webhook, by=sophie, url=url, secret=SECRET, group=group, types=wanted)
        await self.record(event, owner, ago)
        return webhook

    async def sophie(self) -> Any:
        return await self._desk.person("Sophie Durand", "sophie.durand@cecoia.example")

    async def record(self, event: Event, owner: UUID | None = None, ago: dt.timedelta = NOW) -> None:
        new = NewEvent(event_id=uuid4(), event=event, meta=Meta(owner=owner))
        now = dt.datetime.now(dt.UTC) - ago
        async with self._desk.pool.acquire() as connection:
            await append(
                connection, [Append(stream_id=WEBHOOKS_STREAM, events=(new,), recorded_at=now)], self._desk.vault
            )

    async def told(self) -> list[Event]:
        """Everything that happened to webhooks."""
        async with self._desk.pool.acquire() as connection:
            stored = await read_stream(connection, WEBHOOKS_STREAM)
        return [one.event for one in await self._desk.vault.unseal(stored)]

    async def disabled(self) -> list[WebhookDisabled]:
        return [event for event in await self.told() if isinstance(event, WebhookDisabled)]


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)


async def health(bench: Bench) -> Any:
    return await bench.tools.pool.fetchrow("select * from notifier.webhook_health")


async def test_a_routed_incident_arrives_signed_with_nothing_personal(
    bench: Bench, desk: Desk, office: Office, receiver: Receiver
) -> None:
    await office.register(receiver.url, group="postes")
    stream = await desk.create(await desk.claire(), subject="poste.logiciel")
    await bench.settle()
    routed = next(recorded for recorded in await desk.events(stream) if isinstance(recorded.event, IncidentRouted))
    (sent,) = receiver.sent
    assert sent.headers["line"] == "POST /incoming?token=s3cr3t HTTP/1.1"
    assert sent.headers["content-type"] == "application/cloudevents+json"
    assert sent.headers["webhook-id"] == sent.event["id"] == str(routed.event_id)
    signature = sign(SECRET, sent.headers["webhook-id"], sent.headers["webhook-timestamp"], sent.body)
    assert sent.headers["webhook-signature"] == signature
    assert (sent.event["type"], sent.event["subject"]) == ("fr.cecoia.IncidentRouted", routed.number)
    assert sent.event["data"] == {
        "number": routed.number,
        "position": routed.position.encode(),
        "subject": "poste.logiciel",
        "urgency": "normal",
        "kind": "request",
        "group": "postes",
        "routed_at": routed.recorded_at.isoformat(),
        "url": f"http://127.0.0.1:8002/v1/incidents/{routed.number}",
    }
    assert not any(word in sent.body for word in (b"Claire", b"claire", b"messagerie", b"0199001234"))
    assert (await bench.states())["webhook.done"] == 1
    assert (await health(bench))["last_success_at"]


async def test_of_other_events_it_hears_that_they_were_and_of_other_groups_nothing(
    bench: Bench, desk: Desk, office: Office, receiver: Receiver
) -> None:
    await office.register(receiver.url, "IncidentCreated", "IncidentTaken", "ReplySent", group="messagerie")
    nadia, claire = await desk.nadia(), await desk.claire()
    stream = await desk.create(claire)
    other = await desk.create(claire, subject="reseau.internet")
    await bench.settle()
    await desk.take(stream, nadia)
    await desk.reply(stream, nadia, "Bonjour Claire")
    await desk.reply(other, nadia, "Rien à voir")
    await bench.settle()
    taken, replied = [
        next(r for r in await desk.events(stream) if type(r.event).__name__ == name)
        for name in ("IncidentTaken", "ReplySent")
    ]
    assert sorted((sent.event["data"] for sent in receiver.sent), key=lambda data: str(data["type"])) == [
        {"number": recorded.number, "position": recorded.position.encode(), "type": type(recorded.event).__name__}
        for recorded in (taken, replied)
    ]
    assert not any(b"Bonjour" in sent.body for sent in receiver.sent)


async def test_without_a_group_it_hears_of_all(bench: Bench, desk: Desk, office: Office, receiver: Receiver) -> None:
    await office.register(receiver.url)
    for subject in ("poste.logiciel", "messagerie.acces"):
        await desk.create(await desk.claire(), subject=subject)
    await bench.settle()
    assert {sent.event["data"]["group"] for sent in receiver.sent} == {"postes", "messagerie"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [(500, "réponse 500"), (404, "réponse 404"), (302, "redirection (302), qui n’est pas suivie")],
)
async def test_it_goes_again_under_the_same_id_until_it_is_taken(  # noqa: PLR0917
    bench: Bench, desk: Desk, office: Office, receiver: Receiver, answer: int, error: str
) -> None:
    receiver.answers.append(answer)
    async with receiving() as elsewhere:
        receiver.location = elsewhere.url
        await office.register(receiver.url)
        await desk.create(await desk.claire())
        await bench.settle()
        (row,) = await bench.rows(Kind.WEBHOOK)
        assert (row["attempts"], row["last_error"], row["done_at"]) == (1, error, None)
        assert (await health(bench))["last_error"] == error
        assert (await health(bench))["failing_since"]
        await bench.make_due()
        await bench.settle()
        assert elsewhere.sent == []
    first, second = receiver.sent
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert (await bench.states())["webhook.done"] == 1
    assert (await health(bench))["failing_since"] is None


async def test_one_that_hangs_is_not_waited_for_and_holds_up_no_other(
    bench: Bench, desk: Desk, office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LIMIT", 0.3)
    async with receiving(*[HANG] * 10) as hanging:
        slow = await office.register(hanging.url)
        await office.register(receiver.url)
        for _ in range(4):
            await desk.create(await desk.claire())
        await bench.settle()
        assert len(receiver.sent) == 4
        assert len(hanging.sent) == 1
    rows = [row for row in await bench.rows(Kind.WEBHOOK) if row["recipient"] == str(slow)]
    assert [row["last_error"] for row in rows if row["last_error"]] == ["pas de réponse en 0\u00a0secondes"]
    assert all(row["done_at"] is None and row["lease"] is None for row in rows)


async def test_an_answer_without_end_is_not_read(bench: Bench, desk: Desk, office: Office, receiver: Receiver) -> None:
    receiver.answers.append(ENDLESS)
    await office.register(receiver.url)
    await desk.create(await desk.claire())
    await bench.settle()
    assert (await bench.states())["webhook.done"] == 1


async def test_an_address_that_is_gone_is_disabled_and_whoever_registered_it_is_told(
    bench: Bench, desk: Desk, office: Office, receiver: Receiver, smtp: SmtpServer
) -> None:
    receiver.answers.append(410)
    webhook = await office.register(receiver.url)
    await desk.create(await desk.claire())
    await bench.settle()
    assert await office.disabled() == [WebhookDisabled(webhook=webhook, reason=DisabledFor.GONE, error="réponse 410")]
    (mail,) = [mail for mail in smtp.mails if mail.recipient == "sophie.durand@cecoia.example"]
    text = mail.message.get_content()
    assert mail.message["Subject"] == "[CeCoIA] Webhook désactivé – 127.0.0.1"
    assert "Bonjour Sophie Durand" in text
    assert "n’existe plus (410)" in text
    assert "/webhooks" in text
    assert "s3cr3t" not in str(mail.message)
    await desk.create(await desk.claire())
    await bench.settle()
    assert len(receiver.sent) == 1


async def test_after_long_failure_it_is_disabled_and_enabled_by_hand_it_has_all_its_time_again(
    bench: Bench, desk: Desk, office: Office, receiver: Receiver
) -> None:
    receiver.answers += [500, 500, 500]
    webhook = await office.register(receiver.url, ago=dt.timedelta(days=4))
    failed_for = "update notifier.webhook_health set failing_since = now() - $1::interval"
    await desk.create(await desk.claire())
    await bench.settle()
    await bench.tools.pool.execute(failed_for, dt.timedelta(hours=71))
    await bench.make_due()
    await bench.settle()
    assert await office.disabled() == []
    await bench.tools.pool.execute(failed_for, dt.timedelta(hours=73))
    await bench.make_due()
    await bench.settle()
    (disabled,) = await office.disabled()
    assert (disabled.reason, disabled.error) == (DisabledFor.FAILING, "réponse 500")
    await desk.create(await desk.claire())
    await bench.settle()
    assert len(receiver.sent) == 3
    receiver.answers.append(500)
    await office.record(WebhookEnabled(webhook=webhook, by=await office.sophie()))
    await desk.create(await desk.claire())
    await bench.settle()
    assert len(receiver.sent) == 4
    assert await office.disabled() == [disabled]


@pytest.mark.parametrize("then", ["enabled", "erased"])
async def test_nobody_is_written_to_who_enabled_it_again_or_is_forgotten(  # noqa: PLR0917
    bench: Bench, desk: Desk, office: Office, receiver: Receiver, smtp: SmtpServer, then: str
) -> None:
    receiver.answers.append(410)
    webhook, sophie = await office.register(receiver.url), await office.sophie()
    await desk.create(await desk.claire())
    for _ in range(2):  # it is routed, it is sent
        await bench.follow()
        await bench.deliver(await bench.dispatch())
    assert await office.disabled()
    if then == "enabled":
        await office.record(WebhookEnabled(webhook=webhook, by=sophie))
    else:
        await desk.erase(sophie)
    await bench.settle()
    assert (await bench.states())["alarm.done"] == 1
    assert not any("sophie" in mail.recipient for mail in smtp.mails)


async def test_a_mail_that_nobody_can_write_holds_up_no_other(
    bench: Bench, desk: Desk, office: Office, receiver: Receiver, smtp: SmtpServer
) -> None:
    receiver.answers += [410] * 9
    for _ in range(2):
        await office.register(receiver.url)
    await desk.create(await desk.claire())
    for _ in range(2):  # it is routed, it is sent
        await bench.follow()
        await bench.deliver(await bench.dispatch())
    while len(await office.disabled()) < 2:  # two at once: the slower one comes again
        await bench.make_due()
        await bench.deliver(await bench.dispatch())
    await bench.follow()
    broken, other = [row["id"] for row in await bench.rows(Kind.ALARM)]
    await bench.tools.pool.execute("update notifier.work set event_id = gen_random_uuid() where id = $1", broken)
    await bench.settle()
    assert [row["id"] for row in await bench.rows(Kind.ALARM) if row["done_at"]] == [other]
    assert sum("sophie" in mail.recipient for mail in smtp.mails) == 1


@pytest.mark.parametrize("way", [WebhookDisabled, WebhookRemoved])
async def test_what_is_disabled_or_removed_meanwhile_is_sent_nothing_more(
    bench: Bench, desk: Desk, office: Office, receiver: Receiver, way: type[Event]
) -> None:
    receiver.answers.append(500)
    webhook = await office.register(receiver.url)
    await desk.create(await desk.claire())
    await bench.settle()
    by = await office.sophie()
    reason = {"reason": DisabledFor.HAND} if way is WebhookDisabled else {}
    await office.record(way(webhook=webhook, by=by, **reason))  # type: ignore[call-arg]
    await bench.make_due()
    await bench.settle()
    assert len(receiver.sent) == 1
    assert (await bench.states())["webhook.done"] == 1


async def test_what_happened_before_it_was_registered_is_not_sent(
    bench: Bench, desk: Desk, office: Office, receiver: Receiver
) -> None:
    await desk.create(await desk.claire())
    await bench.settle()
    await office.register(receiver.url)
    await bench.tools.pool.execute("delete from journal.checkpoints")
    await bench.settle()
    assert receiver.sent == []


@pytest.mark.parametrize(("answer", "arrives"), [(204, True), (500, False)])
async def test_a_test_is_sent_once_also_while_it_is_disabled(
    bench: Bench, office: Office, receiver: Receiver, answer: int, arrives: bool
) -> None:
    receiver.answers.append(answer)
    webhook, sophie = await office.register(receiver.url), await office.sophie()
    await office.record(WebhookDisabled(webhook=webhook, reason=DisabledFor.HAND, by=sophie))
    await office.record(WebhookTested(webhook=webhook, by=sophie))
    await bench.settle()
    (sent,) = receiver.sent
    assert (sent.event["type"], sent.event["data"]) == ("fr.cecoia.WebhookTested", {"webhook": str(webhook)})
    assert (await bench.states())["webhook.done"] == 1
    found = await health(bench)
    assert (bool(found["last_success_at"]), bool(found["last_failure_at"])) == (arrives, not arrives)
    assert found["failing_since"] is None


async def test_addresses_within_are_not_called(tools: Toolbox, receiver: Receiver) -> None:
    async with Courier(()) as courier:
        with pytest.raises(NotDelivered, match="réseau interne"):
            await courier.send(receiver.url, {}, b"{}")
    assert receiver.sent == []


async def test_a_name_is_looked_up_once_and_all_that_it_stands_for_must_be_allowed(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server cannot answer our check with one address and our connection with another."""
    loop = asyncio.get_running_loop()
    answers = [["127.0.0.1", "10.0.0.1"], ["127.0.0.1"], ["127.0.0.1", "127.0.0.1"]]
    asked: list[Any] = []

    async def getaddrinfo(host: Any, port: Any, **_: Any) -> Any:
        asked.append(host)
        found = answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    url = f"http://hooks.example:{receiver.port}/a"
    async with Courier(LOOPBACK) as courier:
        with pytest.raises(NotDelivered, match="réseau interne"):
            await courier.send(url, {}, b"{}")
        assert receiver.sent == []
        await courier.send(url, {}, b"{}")
        await courier.send(url, {}, b"{}")
    assert asked == [b"hooks.example"] * 3
    assert [sent.headers["host"] for sent in receiver.sent] == [f"hooks.example:{receiver.port}"] * 2


def certificate(folder: Path, name: str) -> Path:
    """A certificate that vouches for itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(("name", "arrives"), [("localhost", True), ("hooks.example", False)])
async def test_the_certificate_must_be_that_of_the_name_although_the_address_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, arrives: bool
) -> None:
    path = certificate(tmp_path, name)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    monkeypatch.setattr(sending, "_trust", lambda: ssl.create_default_context(cafile=str(path)))
    async with receiving(tls=tls) as receiver, Courier((*LOOPBACK, ip_network("::1/128"))) as courier:
        url = f"https://localhost:{receiver.port}/a"
        if arrives:
            await courier.send(url, {}, b"{}")
        else:
            with pytest.raises(NotDelivered, match="certificat refusé"):
                await courier.send(url, {}, b"{}")
        assert len(receiver.sent) == arrives


@pytest.mark.slow
async def test_killed_between_the_answer_and_its_record_it_goes_again_under_the_same_id(  # noqa: PLR0917
    settings: Settings,
    desk: Desk,
    office: Office,
    tools: Toolbox,
    receiver: Receiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CECOIA_WEBHOOK_NETWORKS", "127.0.0.0/8")
    log = tmp_path / "log"
    receiver.answers.append(HANG)  # it has the message; whether it said so, nobody will ever know
    await office.register(receiver.url)
    async with running("relay", settings, log), running("worker", settings, log) as worker:
        await desk.create(await desk.claire())
        await until(lambda: receiver.sent)
        worker.kill()
        await worker.wait()
        async with running("worker", settings, log):
            await tools.pool.execute(
                "update notifier.work set lease_until = now(), due_at = now() where done_at is null"
            )
            done = "select count(*) from notifier.work where kind = 'webhook' and done_at is not null"
            await until(lambda: tools.pool.fetchval(done))
    first, second = receiver.sent
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
