"""What transfers and holds make of lists, queues and the page of an incident."""

import pytest

from shared.events import incident
from shared.events.vocabulary import HoldReason, Role
from tests.integration.query.conftest import UNTIL


@pytest.fixture
async def taken(journal):
    """An incident in the hands of an agent: requester, agent, stream and what its creation brought."""
    claire, nadia = await journal.person("claire", "Claire Martin"), await journal.person("nadia", "Nadia Benali")
    stream, outcome = await journal.create(claire)
    await journal.add(stream, incident.IncidentRouted(group="messagerie", rule="subject", why="D’après l’objet"))
    await journal.add(stream, incident.IncidentTaken(by=nadia, group="messagerie"))
    return claire, nadia, stream, outcome


@pytest.mark.parametrize("reason", HoldReason)
async def test_a_hold_is_the_requesters_turn_where_it_waits_for_them(api, journal, projected, taken, reason):
    claire, nadia, stream, _ = taken
    await journal.add(stream, incident.ReplySent(by=nadia, text="Je regarde"), owner=claire.id)
    held = await journal.add(stream, incident.IncidentPutOnHold(by=nadia, reason=reason), owner=claire.id)
    await projected(held.position)
    (item,) = (await api.as_("claire").get("/v1/incidents")).json()["items"]
    assert (item["status"], item["your_turn"]) == ("on_hold", reason is HoldReason.REQUESTER)
    resumed = await journal.add(stream, incident.IncidentResumed())
    await projected(resumed.position)
    (item,) = (await api.as_("claire").get("/v1/incidents")).json()["items"]
    assert (item["status"], item["your_turn"]) == ("in_progress", False)


async def test_the_page_says_what_an_incident_waits_for(api, journal, projected, taken):
    claire, nadia, stream, outcome = taken
    hold = incident.IncidentPutOnHold(by=nadia, reason=HoldReason.THIRD_PARTY, until=UNTIL, text="Pièce commandée")
    held = await journal.add(stream, hold, owner=claire.id)
    await projected((await journal.add(stream, incident.IncidentResumed())).position)
    path = f"/v1/incidents/{outcome.number}"
    page = (await api.as_("claire").get(path)).json()
    assert (page["status"], page["hold"], page["hold_until"]) == ("in_progress", None, None)
    assert [entry["text"] for entry in page["timeline"][-2:]] == [
        "En attente de l’intervention d’un tiers jusqu’au 01/12/2026 01:00 : Pièce commandée",
        "Repris à la date prévue",
    ]
    past = (await api.as_("claire").get(path, params={"at": held.recorded_at.isoformat()})).json()
    assert (past["status"], past["hold"], past["hold_until"]) == ("on_hold", "third_party", "2026-12-01T00:00:00Z")


async def test_a_question_is_a_message(api, journal, projected, taken):
    claire, nadia, stream, outcome = taken
    hold = incident.IncidentPutOnHold(by=nadia, reason=HoldReason.REQUESTER, text="Quel poste ?")
    await projected((await journal.add(stream, hold, owner=claire.id)).position)
    entry = (await api.as_("claire").get(f"/v1/incidents/{outcome.number}")).json()["timeline"][-1]
    assert (entry["shape"], entry["title"]) == ("message", "Question")
    assert entry["text"] == "Quel poste ?\n\nEn attente de la réponse du demandeur"


async def test_a_transfer_moves_an_incident_from_queue_to_queue(api, journal, projected, taken):
    claire, nadia, stream, outcome = taken
    transferred = incident.IncidentTransferred(
        by=nadia, from_group="messagerie", group="reseau", subject="reseau.filtrage", text="Site filtré"
    )
    last = await journal.add(stream, transferred, owner=claire.id)
    await projected(last.position)
    agent = api.as_("sophie", Role.SUPERVISOR)
    queues = {group: (await agent.get(f"/v1/queues/{group}")).json()["items"] for group in ("messagerie", "reseau")}
    assert queues["messagerie"] == []
    (item,) = queues["reseau"]
    assert (item["status"], item["responsible"], item["subject"]) == ("to_handle", None, "reseau.filtrage")
    page = (await api.as_("claire").get(f"/v1/incidents/{outcome.number}")).json()
    assert (page["group"], page["responsible"], page["routing_why"]) == ("reseau", None, None)
    assert page["timeline"][-1]["text"] == (
        "Transféré par Nadia Benali de Messagerie et identité à Réseau et internet, "
        "objet « Réseau : ouverture d’un site filtré » : Site filtré"
    )
    found = (await api.as_("claire").get("/v1/incidents", params={"q": "site filtré"})).json()
    assert [one["number"] for one in found["items"]] == [outcome.number]
