"""The page of an incident, its history and its documents: what is shown, to whom, and as of when."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest

from services.query.projections.registry import PROJECTIONS
from shared import clock
from shared.events import incident, notification
from shared.events.vocabulary import ClosedBy, Message, Role, Urgency
from tests.integration.query.conftest import built

BYTES = bytes(range(256)) * 5000


async def attached(api, by, filename="capture d’écran n°1.png", content=BYTES):
    """The event of a document that lies in the store."""

    async def chunks():
        yield content

    stored = await api.app.state.context.store.put(chunks(), filename, 10**7)
    return incident.DocumentAttached(
        document=uuid4(), by=by, filename=filename, media_type="image/png", size=stored.size, sha256=stored.sha256
    )


def mail(kind, to, **more):
    return kind(to=to, message=Message.CREATION, message_id="<id@cecoia>", cause=uuid4(), attempts=1, **more)


@pytest.fixture
async def told(api, journal, projected):
    """An incident with a whole life, the requester, the agent, and the documents."""
    claire, nadia = await journal.person("claire", "Claire Martin"), await journal.person("nadia", "Nadia Benali")
    hugo = await journal.person("hugo", "Hugo Petit")
    shot, letter = await attached(api, claire), await attached(api, nadia, "lettre.pdf", b"pdf")
    stream, outcome = await journal.create(claire, "Échec de connexion", beneficiary=hugo, further=(shot,))
    events = (
        incident.IncidentRouted(group="messagerie", rule="subject", why="D’après l’objet"),
        mail(notification.ConfirmationSent, claire, sent_at=journal.now()),
        mail(notification.NotificationFailed, hugo, error="550"),
        incident.IncidentTaken(by=nadia, group="messagerie"),
        incident.IncidentUpdated(by=claire, text="Sur deux postes", phone="+33199001235", urgency=Urgency.HIGH),
    )
    outcomes = [outcome, *[await journal.add(stream, event, owner=claire.id) for event in events]]
    times = [one.recorded_at for one in outcomes]
    await journal.add(stream, incident.ReplySent(by=nadia, text="Essayez encore"), letter, owner=claire.id)
    about = {"message": Message.CREATION, "message_id": "<id@cecoia>", "cause": uuid4(), "mail": uuid4()}
    await journal.add(stream, notification.NotificationBounced(to=claire, error="5.1.1", **about), owner=claire.id)
    await journal.add(stream, incident.MailReceived(by=claire, mail=uuid4(), message_id="<a@b>"), owner=claire.id)
    last = await journal.add(stream, incident.IncidentResolved(by=nadia, text="Réparé"), owner=claire.id)
    await projected(last.position)
    return {
        "number": outcome.number,
        "stream": stream,
        "times": times,
        "documents": [shot, letter],
        "people": (claire, nadia, hugo),
    }


async def test_the_page_shows_everything(api, told):
    page = (await api.as_("claire").get(f"/v1/incidents/{told['number']}")).json()
    assert page["requester"] == {"name": "Claire Martin", "email": "claire@cecoia.example", "is_caller": True}
    assert page["beneficiary"]["name"] == "Hugo Petit"
    assert page["responsible"] == {"name": "Nadia Benali", "email": None, "is_caller": False}
    assert (page["status"], page["status_label"]) == ("resolved", "Résolu, à confirmer")
    assert (page["urgency"], page["phone"]) == ("high", "+33199001235")
    assert page["group_label"] == "Messagerie et identité"
    assert page["routing_why"] == "D’après l’objet"
    assert page["description"] == "Échec de connexion"
    assert "update" in page["actions"]
    assert "take" not in page["actions"]
    told_as = [(entry["type"], entry["shape"], entry["side"], entry["by"]) for entry in page["timeline"]]
    assert told_as == [
        ("IncidentCreated", "message", "requester", "Claire Martin"),
        ("IncidentRouted", "fact", "system", None),
        ("ConfirmationSent", "fact", "system", None),
        ("IncidentTaken", "fact", "agent", "Nadia Benali"),
        ("IncidentUpdated", "message", "requester", "Claire Martin"),
        ("ReplySent", "message", "agent", "Nadia Benali"),
        ("IncidentResolved", "message", "agent", "Nadia Benali"),
    ]
    shot, letter = told["documents"]
    assert page["timeline"][0]["documents"] == [str(shot.document)]
    assert page["timeline"][5]["documents"] == [str(letter.document)]
    assert [document["entry"] for document in page["documents"]] == [1, page["timeline"][5]["version"]]
    assert page["timeline"][4]["text"].startswith("Sur deux postes\n\nUrgence")


async def test_agents_see_more(api, told):
    nadia = api.as_("nadia", Role.AGENT, groups=("messagerie",))
    page = (await nadia.get(f"/v1/incidents/{told['number']}")).json()
    told_as = {entry["type"]: entry["text"] for entry in page["timeline"]}
    assert "NotificationFailed" in told_as
    back = "Courriel «\u00a0Création\u00a0» revenu sans avoir atteint claire@cecoia.example\u00a0: 5.1.1"
    assert told_as["NotificationBounced"] == back
    assert page["responsible"] == {"name": "Nadia Benali", "email": "nadia@cecoia.example", "is_caller": True}
    assert {"take", "close", "reply"} <= set(page["actions"])
    lucas = api.as_("lucas", Role.AGENT, groups=("reseau",))
    assert "take" not in (await lucas.get(f"/v1/incidents/{told['number']}")).json()["actions"]


async def test_who_only_wrote_an_incident_down_takes_no_part_in_it(api, journal, told):
    claire, nadia, hugo = told["people"]
    _, outcome = await journal.create(claire, beneficiary=hugo, recorded_by=nadia)
    for sub, roles, part in (("claire", (), True), ("hugo", (), True), ("nadia", (Role.AGENT,), False)):
        page = (await api.as_(sub, *roles).get(f"/v1/incidents/{outcome.number}")).json()
        assert page["takes_part"] is part


async def test_every_instant_can_be_shown(api, told):
    client, path = api.as_("claire"), f"/v1/incidents/{told['number']}"
    created, taken = told["times"][0], told["times"][4]
    page = (await client.get(path, params={"at": created.isoformat()})).json()
    assert (page["status"], page["version"], page["group"], page["actions"]) == ("to_handle", 2, None, [])
    page = (await client.get(f"{path}?at={taken.isoformat()}")).json()
    assert (page["status"], page["responsible"]["name"]) == ("in_progress", "Nadia Benali")
    assert (await client.get(path, params={"at": "2001-01-01T00:00:00Z"})).status_code == 404
    for wrong in ("yesterday", "2026-11-06", "2026-11-06T10:49:49"):
        answer = await client.get(path, params={"at": wrong})
        assert [error["field"] for error in answer.json()["errors"]] == ["at"]


async def test_what_was_just_written_is_on_the_page(api, journal):
    """The page reads the journal itself and waits for no projection."""
    claire = await journal.person("claire")
    await built(api.app.state.context.pool, PROJECTIONS["tracking"])
    _, outcome = await journal.create(claire)
    assert (await api.as_("claire").get(f"/v1/incidents/{outcome.number}")).status_code == 200


@pytest.mark.parametrize(
    ("sub", "roles", "status"),
    [
        ("claire", (Role.REQUESTER,), 200),
        ("hugo", (Role.REQUESTER,), 200),
        ("stranger", (Role.REQUESTER,), 404),
        ("reporter", (Role.REPORTING,), 403),
        ("lucas", (Role.AGENT,), 200),
        ("sophie", (Role.SUPERVISOR, Role.REPORTING), 200),
    ],
)
async def test_who_may_see_an_incident(api, told, sub, roles, status):
    client = api.as_(sub, *roles)
    document = told["documents"][0].document
    for path in ("", "/history", f"/documents/{document}"):
        assert (await client.get(f"/v1/incidents/{told['number']}{path}")).status_code == status, path


async def test_who_recorded_it_may_see_it(api, journal, projected):
    claire, secretary = await journal.person("claire"), await journal.person("secretary")
    _, outcome = await journal.create(claire, recorded_by=secretary)
    await projected(outcome.position)
    assert (await api.as_("secretary").get(f"/v1/incidents/{outcome.number}")).status_code == 200


async def test_numbers_are_forgiven_and_unknown_ones_are_not_found(api, told):
    client = api.as_("claire")
    day, rank = told["number"].split("_")
    assert (await client.get(f"/v1/incidents/I{day[1:]}-{rank.lstrip('0')}")).json()["number"] == told["number"]
    for unknown in ("1991231_0001", "x", "%00", "1181106_" + "9" * 40, "E181106_0001"):
        answer = await client.get(f"/v1/incidents/{unknown}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    no_token = await client.get(f"/v1/incidents/{told['number']}", headers={"Authorization": ""})
    assert no_token.status_code == 401


async def test_history_shows_what_is_theirs(api, told):
    path = f"/v1/incidents/{told['number']}/history"
    everything = (await api.as_("nadia", Role.AGENT).get(path)).json()["items"]
    assert [item["version"] for item in everything] == list(range(1, 13))
    assert everything[2]["data"]["rule"] == "subject"
    mine = (await api.as_("claire").get(path)).json()["items"]
    assert [item["version"] for item in mine] == [1, 2, 3, 4, 6, 7, 8, 9, 11, 12]
    assert "rule" not in mine[2]["data"]
    assert "message_id" not in mine[3]["data"]
    assert mine[0]["data"]["description"] == "Échec de connexion"
    assert mine[4]["data"]["by"] == {"id": str(told["people"][1].id), "name": "Nadia Benali", "email": None}
    assert mine[0]["title"] == "Incident créé"
    assert all("type" not in item["data"] for item in everything)


async def test_a_document_is_given_to_be_saved(api, told):
    client = api.as_("claire")
    shot = told["documents"][0]
    answer = await client.get(f"/v1/incidents/{told['number']}/documents/{shot.document}")
    assert answer.status_code == 200
    assert answer.content == BYTES
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(len(BYTES))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["etag"] == f'"{hashlib.sha256(BYTES).hexdigest()}"'
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="capture d__cran n_1.png"; ')
    assert "filename*=UTF-8''capture%20d%E2%80%99%C3%A9cran" in disposition


async def test_parts_of_a_document(api, told):
    client = api.as_("claire")
    shot = told["documents"][0]
    path = f"/v1/incidents/{told['number']}/documents/{shot.document}"
    size = len(BYTES)
    for asked, start, end in (
        ("0-0", 0, 1),
        ("100-299", 100, 300),
        (f"{size - 1}-", size - 1, size),
        ("-10", size - 10, size),
        (f"5-{size * 2}", 5, size),
    ):
        answer = await client.get(path, headers={"Range": f"bytes={asked}"})
        assert answer.status_code == 206, asked
        assert answer.content == BYTES[start:end]
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert answer.headers["content-length"] == str(end - start)
    for asked in (f"{size}-", "-0"):
        answer = await client.get(path, headers={"Range": f"bytes={asked}"})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == f"bytes */{size}"
    for asked in ("items=0-1", "bytes=5-2", "bytes=0-1,3-4", "bytes=-", "bytes=x-y"):
        assert (await client.get(path, headers={"Range": asked})).content == BYTES


async def test_a_document_that_the_reader_has_is_not_sent_again(api, told):
    client = api.as_("claire")
    shot = told["documents"][0]
    path = f"/v1/incidents/{told['number']}/documents/{shot.document}"
    tag = f'"{shot.sha256}"'
    answer = await client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (answer.status_code, answer.content) == (304, b"")
    changed = await client.get(path, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert changed.status_code == 200
    assert (await client.get(path, headers={"Range": "bytes=0-1", "If-Range": tag})).status_code == 206


async def test_documents_belong_to_their_incident(api, journal, told):
    claire = await journal.person("claire")
    _, other = await journal.create(claire)
    client = api.as_("claire")
    for document in (told["documents"][0].document, uuid4()):
        assert (await client.get(f"/v1/incidents/{other.number}/documents/{document}")).status_code == 404
    assert (await client.get(f"/v1/incidents/{other.number}/documents/x")).status_code == 404


async def test_a_lost_document_is_said_before_the_answer_begins(api, journal, told):
    claire, stream = told["people"][0], told["stream"]
    lost = incident.DocumentAttached(
        document=uuid4(), by=claire, filename="a.png", media_type="image/png", size=3, sha256="0" * 64
    )
    await journal.add(stream, lost, owner=claire.id)
    path = f"/v1/incidents/{told['number']}/documents/{lost.document}"
    assert (await api.as_("claire").get(path)).status_code == 404


async def test_closing_by_silence_is_told(api, journal, told):
    await journal.add(told["stream"], incident.IncidentClosed(closed_by=ClosedBy.SILENCE))
    page = (await api.as_("claire").get(f"/v1/incidents/{told['number']}")).json()
    assert page["timeline"][-1]["text"] == "Clôturé par l’absence de réponse"
    assert page["timeline"][-1]["side"] == "system"
    assert "update" not in page["actions"]


async def test_what_the_requester_answers_is_told(api, journal, told):
    claire, nadia, _ = told["people"]
    path = f"/v1/incidents/{told['number']}"
    events = (
        incident.ResolutionRefused(by=claire, reason="Toujours l’erreur 535", responsible=nadia.id),
        incident.IncidentResolved(by=nadia, text="Compte débloqué"),
        incident.IncidentClosed(by=claire, closed_by=ClosedBy.REQUESTER),
        incident.IncidentReopened(by=claire, reason="Revenu ce matin", responsible=nadia.id),
    )
    times = [(await journal.add(told["stream"], event, owner=claire.id)).recorded_at for event in events]
    client = api.as_("claire")
    page = (await client.get(path)).json()
    assert [(entry["title"], entry["shape"], entry["text"]) for entry in page["timeline"][-4:]] == [
        ("Le problème continue", "message", "Toujours l’erreur 535"),
        ("Résolution", "message", "Compte débloqué"),
        ("Clôturé", "fact", "Clôturé par le demandeur"),
        ("Réouverture", "message", "Revenu ce matin"),
    ]
    assert (page["status"], page["responsible"]["name"]) == ("in_progress", "Nadia Benali")
    pasts = [(await client.get(path, params={"at": at.isoformat()})).json() for at in times]
    assert [past["status"] for past in pasts] == ["in_progress", "resolved", "closed", "in_progress"]
    items = (await client.get(f"{path}/history")).json()["items"][-4:]
    assert [item["title"] for item in items] == ["Résolution refusée", "Résolu", "Clôturé", "Rouvert"]
    assert items[0]["data"]["reason"] == "Toujours l’erreur 535"


async def test_opening_again_is_offered_for_a_time(api, journal, told):
    client = api.as_("claire")
    for days, actions in ((29, ["rate", "reopen"]), (31, ["rate"])):
        claire, at = told["people"][0], clock.now() - timedelta(days=days)
        stream, outcome = await journal.create(claire, at=at)
        await journal.add(stream, incident.IncidentClosed(by=claire, closed_by=ClosedBy.REQUESTER), at=at)
        assert (await client.get(f"/v1/incidents/{outcome.number}")).json()["actions"] == actions
