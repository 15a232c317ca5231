"""What agents alone read: around an incident, its events as they are, and who calls."""

import pytest

from shared.events import incident
from shared.events.vocabulary import ClosedBy, Role
from shared.journal.chain import digest_row, first_link, next_link


@pytest.fixture
def nadia(api):
    return api.as_("nadia", Role.AGENT, groups=("messagerie",), name="Nadia Benali")


@pytest.fixture
async def claire(journal):
    return await journal.person("claire", "Claire Martin")


@pytest.fixture
async def agent(journal):
    return await journal.person("nadia", "Nadia Benali")


async def read(client, path, outcome=None):
    headers = {"Min-Event-Position": outcome.position.encode()} if outcome else {}
    return (await client.get(path, headers=headers)).raise_for_status().json()


async def test_why_it_is_here(nadia, journal, projected, claire, agent):
    stream, created = await journal.create(claire)
    await journal.add(
        stream, incident.IncidentRouted(group="messagerie", rule="subject:messagerie.acces", why="Objet.")
    )
    await journal.add(stream, incident.IncidentTaken(by=agent, group="messagerie"), owner=claire.id)
    last = await journal.add(
        stream,
        incident.IncidentTransferred(
            by=agent, from_group="messagerie", group="reseau", subject="reseau.filtrage", text="C’est filtré"
        ),
        owner=claire.id,
    )
    await projected(last.position)
    steps = (await read(nadia, f"/v1/incidents/{created.number}/beside"))["routing"]
    assert [(step["group_label"], step["by"], step["rule"]) for step in steps] == [
        ("Messagerie et identité", None, "subject:messagerie.acces"),
        ("Réseau et internet", "Nadia Benali", None),
    ]
    assert steps[0]["why"] == "Objet."
    assert steps[1]["why"] == (
        "Transféré depuis Messagerie et identité par Nadia Benali, "
        "avec l’objet « Réseau : ouverture d’un site filtré » : « C’est filtré »"
    )


async def test_what_was_taken_before_it_was_routed_says_so(nadia, journal, projected, claire, agent):
    stream, created = await journal.create(claire)
    last = await journal.add(stream, incident.IncidentTaken(by=agent, group="reseau"), owner=claire.id)
    await projected(last.position)
    (step,) = (await read(nadia, f"/v1/incidents/{created.number}/beside"))["routing"]
    assert (step["group_label"], step["by"]) == ("Réseau et internet", "Nadia Benali")


async def test_the_others_of_a_requester_those_that_run_first(nadia, journal, projected, claire, agent):
    hugo = await journal.person("hugo", "Hugo Petit")
    _, this = await journal.create(claire, "Celui-ci")
    numbers = {}
    for name in ("ancien", "ouvert", "clos"):
        stream, outcome = await journal.create(claire, name)
        numbers[name] = outcome.number
        if name != "ouvert":
            await journal.add(stream, incident.IncidentClosed(by=agent, closed_by=ClosedBy.AGENT), owner=claire.id)
    _, outcome = await journal.create(hugo, "pour Claire", beneficiary=claire)
    await journal.create(hugo, "à Hugo")
    _, last = await journal.create(hugo, "encore à Hugo")
    await projected(last.position)
    others = (await read(nadia, f"/v1/incidents/{this.number}/beside"))["others"]
    assert [item["excerpt"] for item in others["items"]] == ["pour Claire", "ouvert", "clos", "ancien"]
    assert others["items"][0]["number"] == outcome.number
    assert (others["total"], others["at_least"]) == (4, False)


async def test_more_than_a_few_others_are_counted(nadia, journal, projected, claire):
    _, this = await journal.create(claire)
    for n in range(7):
        _, last = await journal.create(claire, f"Panne {n}")
    await projected(last.position)
    others = (await read(nadia, f"/v1/incidents/{this.number}/beside"))["others"]
    assert (len(others["items"]), others["total"]) == (5, 7)


async def resolved(journal, requester, agent, description, solution, *, subject="messagerie.acces"):
    stream, outcome = await journal.create(requester, description, subject=subject)
    last = await journal.add(stream, incident.IncidentResolved(by=agent, text=solution), owner=requester.id)
    return outcome.number, last


async def test_what_resolved_incidents_that_say_the_same(nadia, journal, projected, claire, agent):
    hugo = await journal.person("hugo", "Hugo Petit")
    near, _ = await resolved(journal, hugo, agent, "Thunderbird refuse les mots de passe", "Nouveau serveur d’envoi")
    await resolved(journal, hugo, agent, "Thunderbird est lent", "Boîte compactée")
    await resolved(
        journal, hugo, agent, "Thunderbird refuse mon mot de passe", "Autre objet", subject="reseau.filtrage"
    )
    await journal.create(hugo, "Thunderbird refuse mon mot de passe, pas encore résolu")
    _, this = await journal.create(claire, "Depuis hier, Thunderbird refuse mon mot de passe.")
    await projected(this.position)
    (similar,) = (await read(nadia, f"/v1/incidents/{this.number}/beside"))["similar"]
    assert (similar["incident"]["number"], similar["solution"]) == (near, "Nouveau serveur d’envoi")
    assert similar["words"] >= 3


async def test_who_is_erased_helps_nobody_any_more(  # noqa: PLR0917
    nadia, journal, projected, erase, claire, agent
):
    hugo = await journal.person("hugo", "Hugo Petit")
    await resolved(journal, hugo, agent, "Thunderbird refuse mon mot de passe", "Nouveau serveur d’envoi")
    _, this = await journal.create(claire, "Thunderbird refuse mon mot de passe.")
    await projected((await erase(hugo)).position)
    assert (await read(nadia, f"/v1/incidents/{this.number}/beside"))["similar"] == []
    await projected((await erase(claire)).position)
    assert (await read(nadia, f"/v1/incidents/{this.number}/beside"))["similar"] == []


async def test_events_as_they_are_with_a_chain_that_can_be_recomputed(nadia, journal, query_pool, projected, claire):
    stream, created = await journal.create(claire, "Le webmail refuse.")
    last = await journal.add(stream, incident.NoteAdded(by=claire, text="Entre nous"), owner=claire.id)
    await projected(last.position)
    items = (await read(nadia, f"/v1/incidents/{created.number}/events"))["items"]
    assert [(item["type"], item["version"], item["schema"]) for item in items] == [
        ("IncidentCreated", 1, 2),
        ("NoteAdded", 2, 1),
    ]
    assert items[0]["data"]["description"] == "Le webmail refuse."
    assert items[1]["data"]["text"] == "Entre nous"
    stored = await query_pool.fetch("select * from journal.events where stream_id = $1 order by version", stream)
    link = first_link(stream)
    for item, row in zip(items, stored, strict=True):
        link = next_link(link, row["version"], digest_row(row))
        assert (item["chain"], item["id"]) == (link.hex(), str(row["event_id"]))


@pytest.mark.parametrize("words", ["claire", "mart", "Mart Cl", "claire@cecoia.exa", "MARTÍN"])
async def test_a_caller_is_found_by_a_few_letters(nadia, journal, projected, claire, words):
    await journal.create(await journal.person("hugo", "Hugo Petit"))
    _, last = await journal.create(claire)
    await projected(last.position)
    found = (await nadia.get("/v1/people", params={"q": words})).raise_for_status().json()
    assert [(item["name"], item["email"]) for item in found["items"]] == [("Claire Martin", "claire@cecoia.example")]
    assert found["more"] is False


@pytest.mark.parametrize("words", ["", "c", "c m", "' | !", "inconnue", "claire inconnue"])
async def test_too_little_and_nobody_find_nobody(nadia, journal, projected, claire, words):
    _, last = await journal.create(claire)
    await projected(last.position)
    found = (await nadia.get("/v1/people", params={"q": words})).raise_for_status().json()
    assert found == {"items": [], "more": False}


async def test_many_callers_are_said_to_be_more(nadia, journal, projected):
    for n in range(10):
        _, last = await journal.create(await journal.person(f"dupont{n}", f"Dupont {n}"))
    await projected(last.position)
    found = (await nadia.get("/v1/people", params={"q": "dup"})).raise_for_status().json()
    assert ([item["name"] for item in found["items"]], found["more"]) == ([f"Dupont {n}" for n in range(8)], True)


async def test_the_card_of_a_caller(nadia, journal, projected, claire):
    stream, created = await journal.create(claire)
    last = await journal.add(stream, incident.IncidentUpdated(by=claire, phone="+33199009999"), owner=claire.id)
    await projected(last.position)
    card = (await nadia.get(f"/v1/people/{claire.id}")).raise_for_status().json()
    assert card["person"] == {"id": str(claire.id), "name": "Claire Martin", "email": "claire@cecoia.example"}
    assert (card["phone"], card["availability"]) == ("+33199009999", "toute la journée")
    assert [item["number"] for item in card["incidents"]["items"]] == [created.number]


async def test_a_beneficiary_can_call_too(nadia, journal, projected, claire):
    hugo = await journal.person("hugo", "Hugo Petit")
    _, last = await journal.create(claire, beneficiary=hugo)
    await projected(last.position)
    card = (await nadia.get(f"/v1/people/{hugo.id}")).raise_for_status().json()
    assert (card["person"]["name"], card["phone"], len(card["incidents"]["items"])) == ("Hugo Petit", "", 1)


async def test_who_is_erased_cannot_be_found(nadia, journal, projected, erase, claire):
    await journal.create(claire)
    await projected((await erase(claire)).position)
    assert (await nadia.get("/v1/people", params={"q": "claire"})).json()["items"] == []
    assert (await nadia.get(f"/v1/people/{claire.id}")).status_code == 404


@pytest.mark.parametrize("q", ["x" * 201, "\0"])
async def test_what_is_no_name_is_refused(nadia, q):
    assert (await nadia.get("/v1/people", params={"q": q})).status_code == 422
