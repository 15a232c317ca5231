"""Mails become incidents, their answers updates, each once."""

from __future__ import annotations

from email.message import EmailMessage

from shared.events.incident import (
    DocumentAttached,
    IncidentCreated,
    IncidentResumed,
    IncidentUpdated,
    MailReceived,
)
from shared.events.vocabulary import Origin, Urgency
from tests.support.post import CLAIRE, Door, mail

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10


async def test_a_mail_makes_an_incident(post: Door, numbers, history):
    message = mail(Subject="Envoi impossible depuis la messagerie", Message_ID="<premier@poste.example>")
    message.add_attachment(PNG, maintype="image", subtype="png", filename="écran 1.png")
    assert (await post.hand_in(message)).code == 250
    [number] = await numbers()
    created, document, received = await history(number)
    assert isinstance(created, IncidentCreated)
    assert (created.requester.name, created.requester.email) == ("Claire Martin", "claire.martin@academie.example")
    assert created.recorded_by == created.requester
    assert (created.origin, created.urgency, created.phone) == (Origin.EMAIL, Urgency.NORMAL, "")
    assert created.subject == "messagerie.envoi"
    assert created.description == "Envoi impossible depuis la messagerie\n\nBonjour,\n\nPlus rien ne marche."
    assert isinstance(document, DocumentAttached)
    assert (document.filename, document.media_type, document.size) == ("écran 1.png", "image/png", len(PNG))
    assert isinstance(received, MailReceived)
    assert received.message_id == "<premier@poste.example>"


async def test_it_is_the_incident_of_who_signs_in_with_that_address(post: Door, created, history, numbers):
    by_hand = (await history(await created()))[0]
    await post.hand_in(mail(sender="claire.martin@ACADEMIE.example"))
    by_mail = (await history((await numbers())[1]))[0]
    assert by_mail.requester == by_hand.requester
    assert by_mail.phone == by_hand.phone == "+33144556677"


async def test_a_mail_that_comes_twice_is_recorded_once(post: Door, numbers, history):
    message = mail(Subject="Panne")
    assert [(await post.hand_in(message)).code for _ in range(2)] == [250, 250]
    message["Received"] = "from elsewhere by another way"
    assert (await post.hand_in(message)).code == 250
    [number] = await numbers()
    assert len(await history(number)) == 2


async def test_a_mail_without_an_id_is_known_by_its_bytes(post: Door, numbers):
    message = mail(Subject="Panne")
    del message["Message-ID"]
    for _ in range(2):
        assert (await post.hand_in(message)).code == 250
    message["X-Other"] = "1"
    assert (await post.hand_in(message)).code == 250
    assert len(await numbers()) == 2


async def test_the_same_id_of_two_people_makes_two_incidents(post: Door, numbers):
    for sender in (CLAIRE, "Hugo <hugo.petit@academie.example>"):
        assert (await post.hand_in(mail(sender=sender, Message_ID="<a@b.example>"))).code == 250
    assert len(await numbers()) == 2


async def test_the_answer_to_a_mail_of_ones_own_is_an_update(post: Door, numbers, history):
    await post.hand_in(mail(Message_ID="<premier@poste.example>"))
    quoted = "Toujours rien.\n\nLe 24 nov. à 10:00, Claire a écrit :\n> Bonjour,\n> Plus rien ne marche.\n"
    await post.hand_in(mail(quoted, In_Reply_To="<premier@poste.example>", Message_ID="<second@poste.example>"))
    [number] = await numbers()
    updated = (await history(number))[2]
    assert isinstance(updated, IncidentUpdated)
    assert updated.text == "Toujours rien."


async def test_the_number_in_the_subject_leads_to_the_incident(post: Door, created, history):
    number = await created()
    reply = mail("Et le numéro de série : 12.", Subject=f"RE: [Incident n° {number}] Création – Messagerie")
    reply.add_attachment(PNG, maintype="image", subtype="png", filename="logo.png")
    assert (await post.hand_in(reply)).code == 250
    assert [type(event) for event in (await history(number))[1:]] == [IncidentUpdated, DocumentAttached, MailReceived]


async def test_a_document_that_the_incident_has_is_not_attached_again(post: Door, created, history):
    number = await created()
    for text in ("Un.", "Deux."):
        reply = mail(text, Subject=f"Re: {number}")
        reply.add_attachment(PNG, maintype="image", subtype="png", filename="logo.png")
        await post.hand_in(reply)
    assert len([event for event in await history(number) if isinstance(event, DocumentAttached)]) == 1


async def test_whoever_refers_to_an_incident_of_others_makes_one_of_their_own(post: Door, created, numbers, history):
    number = await created()
    answer = mail(sender="hugo.petit@academie.example", Subject=f"Re: [Incident n° {number}]")
    assert (await post.hand_in(answer, "hugo.petit@academie.example")).code == 250
    assert len(await history(number)) == 1
    assert len(await numbers()) == 2


async def test_files_alone_are_an_answer_and_nothing_is_none(post: Door, created, history):
    number = await created()
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = CLAIRE, f"Re: {number}", "<photo@telephone.example>"
    message.add_attachment(PNG, maintype="image", subtype="png", filename="photo.png")
    assert (await post.hand_in(message)).code == 250
    assert [type(event) for event in (await history(number))[1:]] == [DocumentAttached, MailReceived]
    nothing = await post.hand_in(mail(" \n", Subject=f"Re: {number}"))
    assert nothing.code == 550
    assert "n'ajoute rien" in nothing.text


async def test_an_incident_that_has_ended_is_not_added_to(post: Door, ended, history, settings):
    number = await ended()
    before = await history(number)
    reply = await post.hand_in(mail("Merci !", Subject=f"Re: {number}"))
    assert reply.code == 550
    assert f"L'incident no {number} est annule" in reply.text
    assert f"{settings.portal_url}/incidents/{number}" in reply.text
    assert await history(number) == before


async def test_an_answer_ends_the_wait_for_it(post: Door, client, provider, created, history):
    number = await created()
    nadia = provider.bearer("nadia.benali")
    for command, body in (("take", {}), ("hold", {"reason": "requester", "text": "Quel poste ?"})):
        answer = await client.post(f"/v1/incidents/{number}/{command}", json=body, headers=nadia)
        assert answer.status_code == 201
    await post.hand_in(mail("Le poste 12.", Subject=f"Re: {number}"))
    assert [type(event) for event in (await history(number))[3:]] == [IncidentUpdated, IncidentResumed, MailReceived]
