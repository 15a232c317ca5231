"""Mails that are not taken, or make nothing: each has its rule."""

from __future__ import annotations

from uuid import UUID, uuid4

import aiosmtplib
import pytest

from shared.catalogue import CATALOGUE_STREAM
from shared.events.notification import ConfirmationSent, NotificationBounced
from shared.events.vocabulary import Message
from shared.journal.append import append
from shared.journal.read import find_stream
from shared.journal.sealing import Vault
from tests.support.history import NOON, command
from tests.support.post import US, Door, mail, post_server

RELAY = "mx.academie.example"


async def test_nobody_knows_the_writer(post: Door, numbers):
    reply = await post.hand_in(mail(sender="curieux@ailleurs.example"), "curieux@ailleurs.example")
    assert reply.code == 550
    assert reply.text.startswith("5.7.1 Votre adresse n'est pas connue de l'assistance.")
    assert "0820 36 36 36" in reply.text
    assert await numbers() == []


async def test_whoever_was_named_before_may_write(post: Door, created, numbers):
    await created(beneficiary={"name": "Paul Ailleurs", "email": "paul@ailleurs.example"})
    assert (await post.hand_in(mail(sender="paul@ailleurs.example"), "paul@ailleurs.example")).code == 250
    assert len(await numbers()) == 2


async def test_no_single_writer(post: Door):
    assert (await post.hand_in(mail(sender="a@academie.example, b@academie.example"))).code == 550


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (f"{RELAY}; dmarc=pass header.from=academie.example", 250),
        (f"{RELAY.upper()}; spf=pass smtp.mailfrom=claire.martin@academie.example", 250),
        (f"{RELAY}; dkim=pass header.d=academie.example", 250),
        (f"{RELAY}; dmarc=fail header.from=academie.example; spf=pass smtp.mailfrom=x@academie.example", 550),
        (f"{RELAY}; spf=pass smtp.mailfrom=x@ailleurs.example", 550),
        (f"{RELAY}; dkim=pass header.d=ailleurs.example", 550),
        (f"{RELAY}; none", 550),
        ("autre.example; dmarc=pass header.from=academie.example", 550),
        ("===", 550),
        (None, 550),
    ],
)
async def test_where_a_mail_comes_from_must_be_proven(settings, app, numbers, verdict, code):
    message = mail()
    if verdict:
        message["Authentication-Results"] = verdict
    async with post_server(settings, mail_authserv=RELAY) as post:
        assert (await post.hand_in(message)).code == code
    assert len(await numbers()) == (code == 250)


async def test_what_the_writer_says_of_themselves_proves_nothing(settings, app):
    """The relay puts its header above; what came from outside stands below, if the relay let it pass at all."""
    message = mail()
    message["Authentication-Results"] = f"{RELAY}; dmarc=fail header.from=academie.example"
    message["Authentication-Results"] = f"{RELAY}; dmarc=pass header.from=academie.example"
    async with post_server(settings, mail_authserv=RELAY) as post:
        assert (await post.hand_in(message)).code == 550


@pytest.mark.parametrize("header", ["Auto_Submitted", "Precedence", "X_Auto_Response_Suppress"])
async def test_what_a_machine_wrote_is_kept_and_makes_nothing(post: Door, created, numbers, history, header):
    number = await created()
    value = {"Auto_Submitted": "auto-replied", "Precedence": "bulk"}.get(header, "All")
    message = mail(Subject=f"Re: {number}", **{header: value})
    assert (await post.hand_in(message, "")).code == 250
    assert (await numbers(), len(await history(number))) == ([number], 1)
    [place] = [place async for place in post.tools.archive.places(waiting_only=False)]
    kept = await post.tools.archive.read(place)
    assert kept is not None
    assert kept.raw == bytes(message)


@pytest.mark.parametrize(
    "message",
    [
        mail(X_CeCoIA_Loop="cecoia"),
        mail(sender=f"CeCoIA <{US.upper()}>"),
        b"Received: from a by b\r\n" * 101 + bytes(mail()),
    ],
    ids=["ours", "our address", "hops"],
)
async def test_what_goes_round_in_a_circle_is_stopped(post: Door, numbers, message):
    reply = await post.hand_in(message)
    assert (reply.code, reply.text[:5]) == (554, "5.4.6")
    assert await numbers() == []


async def test_other_addresses_are_not_ours(post: Door):
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=post.port) as client:
        await client.mail("claire.martin@academie.example")
        with pytest.raises(aiosmtplib.SMTPRecipientRefused) as refused:
            await client.rcpt("autre@cecoia.example")
        assert (refused.value.code, refused.value.message) == (550, "5.1.1 Cette adresse n'existe pas ici")
        assert (await client.rcpt(US.upper())).code == 250


async def test_too_large_is_said_before_and_after(post: Door, settings, numbers):
    message = mail()
    message.add_attachment(b"x" * 2_000_000, maintype="application", subtype="pdf", filename="gros.pdf")
    reply = await post.hand_in(message)
    assert (reply.code, reply.text) == (552, "5.3.4 Ce message est trop volumineux")
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=post.port) as client:
        await client.ehlo()
        assert int(client.esmtp_extensions["size"]) < 2_000_000
        await client.mail("claire.martin@academie.example")
        await client.rcpt(US)
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await client.data(bytes(message))
        assert refused.value.code == 552
        assert (await client.noop()).code == 250
    assert await numbers() == []


async def test_a_file_that_is_too_large_or_a_program_sends_the_mail_back(post: Door, numbers):
    for content, name, code in ((b"x" * 300_000, "gros.pdf", 552), (b"MZ\x90\x00PE\x00\x00", "outil.exe", 550)):
        message = mail(Message_ID=f"<{name}@x.example>")
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        reply = await post.hand_in(message)
        assert (reply.code, name in reply.text) == (code, True)
    assert await numbers() == []
    assert [place async for place in post.tools.archive.places(waiting_only=False)] == []


async def test_an_empty_mail_says_nothing(post: Door, numbers):
    assert (await post.hand_in(mail(""))).code == 550
    assert (await post.hand_in(mail("", Subject="Imprimante en panne"))).code == 250
    assert len(await numbers()) == 1


async def test_a_long_text_comes_along_as_a_document(post: Door, numbers, history):
    text = "Une ligne de journal.\n" * 2000
    assert (await post.hand_in(mail(text))).code == 250
    created, document, _ = await history((await numbers())[0])
    assert len(created.description) <= 20_000
    assert created.description.endswith("Le message complet est joint\u00a0: message.txt.")
    assert (document.filename, document.size) == ("message.txt", len(text.strip()))


async def test_unreadable_mails_are_refused(post: Door):
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
    assert (await post.hand_in(b"From: a@academie.example\r\n" + deep)).code == 554


async def test_whoever_writes_too_often_writes_again_later(post: Door, numbers):
    codes = [(await post.hand_in(mail(f"Message {n}"))).code for n in range(31)]
    assert codes == [250] * 30 + [451]
    assert (await post.hand_in(mail(sender="hugo.petit@academie.example"))).code == 250
    assert len(await numbers()) == 31


async def test_an_agent_is_led_to_the_page(post: Door, client, provider, created, history):
    number = await created()
    nadia = provider.bearer("nadia.benali")
    await client.post(f"/v1/incidents/{number}/take", json={}, headers=nadia)
    before = await history(number)
    address = before[1].by.email
    reply = await post.hand_in(mail("Redémarrez.", sender=address, Subject=f"Re: {number}"), address)
    assert (reply.code, f"/incidents/{number}" in reply.text) == (550, True)
    assert await history(number) == before


# ── what comes back ─────────────────────────────────────────────────────────


@pytest.fixture
def notice(pool, history):
    """Says in the journal that the creation of an incident was confirmed; gives the Message-ID."""

    async def send(number: str) -> str:
        created = (await history(number))[0]
        message_id = f"<{uuid4()}@cecoia.example>"
        sent = ConfirmationSent(
            to=created.requester,
            message=Message.CREATION,
            message_id=message_id,
            cause=UUID(int=1),
            attempts=1,
            sent_at=NOON,
        )
        async with pool.acquire() as connection:
            stream_id = await find_stream(connection, number)
            one = command(sent, stream_id=stream_id, owner=created.requester.id)
            await append(connection, [one], Vault(pool))
        return message_id

    return send


def report(message_id: str, action: str = "failed", report_id: str = "<r1@relais.example>") -> bytes:
    """A delivery report (RFC 3464)."""
    return (
        "From: MAILER-DAEMON@relais.example\r\nSubject: Undelivered\r\n"
        f"Message-ID: {report_id}\r\nMIME-Version: 1.0\r\n"
        "Auto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\n\r\nDesole.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; relais.example\r\n\r\nFinal-Recipient: rfc822; claire\r\nAction: {action}\r\n"
        "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\nSubject: x\r\n\r\n--b--\r\n"
    ).encode()


async def test_a_notice_that_comes_back_is_noted_once(post: Door, created, notice, history):
    number = await created()
    message_id = await notice(number)
    for report_id in ("<r1@relais.example>", "<r1@relais.example>", "<r2@relais.example>"):
        assert (await post.hand_in(report(message_id, report_id=report_id), "")).code == 250
    *_, bounced = await history(number)
    assert len(await history(number)) == 3
    assert isinstance(bounced, NotificationBounced)
    assert (bounced.message, bounced.message_id) == (Message.CREATION, message_id)
    assert bounced.error == "5.1.1 smtp; 550 5.1.1 no such user"
    assert bounced.to.email == "claire.martin@academie.example"


async def test_an_old_postman_without_a_report_is_understood(post: Door, created, notice, history):
    number = await created()
    message = mail(f"Hi. Message not delivered:\n\nMessage-ID: {await notice(number)}\n", sender="postmaster@x.example")
    assert (await post.hand_in(message, "")).code == 250
    assert isinstance((await history(number))[-1], NotificationBounced)


async def test_a_delay_is_no_failure(post: Door, created, notice, history):
    number = await created()
    before = await notice(number)
    raw = report(before, "delayed").replace(b"MAILER-DAEMON@relais.example", b"claire.martin@academie.example")
    assert (await post.hand_in(raw, "")).code == 250
    assert len(await history(number)) == 2


async def test_a_report_about_no_mail_of_ours_is_refused(post: Door):
    assert (await post.hand_in(report(f"<{uuid4()}@cecoia.example>"), "")).code == 550


async def test_an_answer_to_a_notice_finds_its_incident(post: Door, created, notice, history):
    number = await created()
    assert (await post.hand_in(mail("Merci.", In_Reply_To=await notice(number)))).code == 250
    assert (await history(number))[2].text == "Merci."


async def test_the_constant_id_of_the_incident_finds_it_too(post: Door, created, history, pool):
    number = await created()
    async with pool.acquire() as connection:
        stream_id = await find_stream(connection, number)
    message = mail("Merci.", References=f"<incident-{stream_id}@cecoia.example> <x@y.example>")
    await post.hand_in(message)
    assert (await history(number))[1].text == "Merci."


async def test_a_reference_to_what_is_no_incident_leads_nowhere(post: Door, numbers):
    """Its stream has no secret name."""
    assert (await post.hand_in(mail(References=f"<incident-{CATALOGUE_STREAM}@cecoia.example>"))).code == 250
    assert len(await numbers()) == 1
