"""From a person's mail program into the journal and back into the same thread, through everything that runs."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests.support.mails import await_mail, mails
from tests.support.post import US, mail
from tests.support.stack import Stack, running_stack
from tests.support.threads import Posted, threads
from tests.support.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CLAIRE = "claire.martin@cecoia.example"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


def send(stack: Stack, message: EmailMessage, envelope: str = CLAIRE) -> None:
    """As a relay hands it over; raises where it is not taken."""
    with smtplib.SMTP("127.0.0.1", stack.port + 5) as relay:
        relay.send_message(message, envelope, [US])


def history(stack: Stack, number: str) -> list[str]:
    """What happened to an incident: names of events."""
    with stack.query("nadia.benali") as nadia:
        told = nadia.get(f"/v1/incidents/{number}/history").raise_for_status().json()
    return [item["type"] for item in told["items"]]


def answer(to: EmailMessage, text: str, name: str) -> EmailMessage:
    """As a mail program answers, with what it answers quoted below."""
    told = to.get_body(("plain",))
    assert told is not None
    quoted = "".join(f"> {line}\n" for line in told.get_content().splitlines())
    references = f"{to['References']} {to['Message-ID']}"
    text = f"{text}\n\nLe 24 nov. 2026 à 10:00, CeCoIA a écrit :\n\n{quoted}"
    return mail(text, CLAIRE, Message_ID=name, In_Reply_To=to["Message-ID"], References=references)


def test_a_conversation_by_mail_is_one_thread(stack: Stack) -> None:
    first = mail("Elle ne sort plus rien.", CLAIRE, Subject="Imprimante en panne", Message_ID="<un@poste.example>")
    send(stack, first)
    confirmation = await_mail(stack.home, CLAIRE, "Création", "Imprimante")
    number = confirmation["X-CeCoIA-Incident"]
    with stack.intake("sophie.durand") as sophie:
        for command, body in (("take", {}), ("reply", {"text": "Est-elle allumée ?"})):
            sophie.post(f"/v1/incidents/{number}/{command}", json=body).raise_for_status()
    reply = await_mail(stack.home, CLAIRE, number, "Réponse")
    second = answer(reply, "Oui, et elle clignote.", "<deux@poste.example>")
    for _ in range(2):  # a relay that lost our answer
        send(stack, second)
    with stack.query("claire.martin") as claire:

        def updates() -> list[str]:
            page = claire.get(f"/v1/incidents/{number}").raise_for_status().json()
            return [entry["text"] for entry in page["timeline"] if entry["type"] == "IncidentUpdated"]

        eventually(updates)
        assert updates() == ["Oui, et elle clignote."]
    with stack.intake("sophie.durand") as sophie:
        sophie.post(f"/v1/incidents/{number}/resolve", json={"text": "Du papier."}).raise_for_status()
    await_mail(stack.home, CLAIRE, number, "Résolution")
    ours = [one for one in mails(stack.home) if one["X-CeCoIA-Incident"] == number]
    conversation = [Posted(one["Message-ID"], (one["References"] or "").split()) for one in (first, second, *ours)]
    [thread] = threads(conversation)
    assert thread.id == "<un@poste.example>"
    assert sorted(thread.mails()) == sorted(one.id for one in conversation)


def test_agents_see_that_a_notice_came_back_and_the_requester_does_not(stack: Stack) -> None:
    send(stack, mail("Plus de son.", CLAIRE, Subject="Vidéoprojecteur muet", Message_ID="<trois@poste.example>"))
    confirmation = await_mail(stack.home, CLAIRE, "Création", "Vidéoprojecteur")
    number, lost = confirmation["X-CeCoIA-Incident"], confirmation["Message-ID"]
    eventually(lambda: "ConfirmationSent" in history(stack, number))  # a mail arrives a moment before its record
    send(stack, mail(f"Undelivered:\n\nMessage-ID: {lost}\n", "MAILER-DAEMON@relais.example"), "")
    seen = {}
    for person in ("nadia.benali", "claire.martin"):
        with stack.query(person) as reader:
            page = reader.get(f"/v1/incidents/{number}").raise_for_status().json()
            seen[person] = [entry["text"] for entry in page["timeline"] if entry["type"] == "NotificationBounced"]
    assert seen == {
        "nadia.benali": [f"Courriel «\u00a0Création\u00a0» revenu sans avoir atteint {CLAIRE}"],
        "claire.martin": [],
    }
