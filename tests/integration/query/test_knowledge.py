"""Known errors and news as they are read: lists, suggestions, and beside incidents."""

import time
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.query.projections.registry import PROJECTIONS
from shared.events import incident
from shared.events.knowledge import NewsWithdrawn
from shared.events.vocabulary import Role
from tests.integration.query.conftest import built


@pytest.fixture
async def nadia(journal):
    return await journal.person("nadia", "Nadia Benali")


def titles(answer):
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def test_a_list_says_all_that_pages_show(api, journal, nadia, projected):
    stream, outcome = await journal.publish(nadia, "Envoi refusé", "Code 535 à l’envoi")
    claire = await journal.person("claire")
    last = None
    for _ in range(2):
        incident_stream, _ = await journal.create(claire)
        last = await journal.add(incident_stream, incident.KnownErrorLinked(by=nadia, known_error=outcome.number))
    await projected(last.position)
    (item,) = (await api.as_("claire").get("/v1/known-errors")).json()["items"]
    assert item["number"] == outcome.number
    assert (item["title"], item["symptoms"], item["workaround"]) == ("Envoi refusé", "Code 535 à l’envoi", "Patientez.")
    assert item["subjects"] == ["messagerie.acces"]
    assert item["subject_labels"] == ["Messagerie : connexion impossible"]
    assert (item["state"], item["state_label"], item["version"], item["incidents"]) == ("open", "En cours", 1, 2)
    path = "/v1/known-errors/"
    assert (await api.as_("claire").get(path + outcome.number.lower())).json() == item
    assert (await api.as_("claire").get(path + "E1000101_0001")).status_code == 404
    retired = await journal.retire((stream, outcome), nadia)
    await projected(retired.position)
    assert titles(await api.as_("claire").get("/v1/known-errors")) == []
    (item,) = (await api.as_("claire").get("/v1/known-errors?state=solved")).json()["items"]
    assert (item["state_label"], item["ended_text"], item["version"]) == ("Résolue", "C’est réglé.", 2)


async def test_lists_are_filtered_searched_and_continued(api, journal, nadia, projected):
    published = [
        await journal.publish(nadia, "Imprimantes hors ligne", subject="poste.impression"),
        await journal.publish(nadia, "Échec des envois", "Le message revient"),
        await journal.publish(nadia, "Webmail très lent"),
    ]
    last = await journal.retire(published[2], nadia, solved=False)
    await projected(last.position)
    claire = api.as_("claire")
    assert titles(await claire.get("/v1/known-errors")) == ["Échec des envois", "Imprimantes hors ligne"]
    assert titles(await claire.get("/v1/known-errors?subject=poste.impression")) == ["Imprimantes hors ligne"]
    assert titles(await claire.get("/v1/known-errors?q=échecs messages")) == ["Échec des envois"]
    assert titles(await claire.get("/v1/known-errors?q=imprim")) == ["Imprimantes hors ligne"]
    assert titles(await claire.get("/v1/known-errors?state=withdrawn")) == ["Webmail très lent"]
    number = published[0][1].number
    assert titles(await claire.get(f"/v1/known-errors?q={number.lower()}")) == ["Imprimantes hors ligne"]
    found, cursor = [], ""
    while cursor is not None:
        page = await claire.get(f"/v1/known-errors?state=all&limit=1&cursor={cursor}")
        found += titles(page)
        cursor = page.json()["next"]
    assert found == ["Webmail très lent", "Échec des envois", "Imprimantes hors ligne"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("state=autre", "state"),
        ("limit=0", "limit"),
        ("cursor=xx", "cursor"),
        ("q=%00", "q"),
        ("subject=%07", "subject"),
    ],
)
async def test_what_cannot_be_asked_is_told(api, journal, asked, field):
    answer = await api.as_("claire").get(f"/v1/known-errors?{asked}")
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


TELLING = "Bonjour, mes courriels aux familles reviennent tous avec l’erreur 535 depuis ce matin."


async def test_what_resembles_is_suggested_the_most_alike_first(api, journal, nadia, projected):
    await journal.publish(nadia, "Imprimantes hors ligne", "Depuis ce matin, rien ne sort", subject="poste.impression")
    await journal.publish(nadia, "Webmail lent", "Les courriels arrivent tard, erreur de délai", subject="autre")
    _, last = await journal.publish(nadia, "Courriels refusés, erreur 535", "Les envois reviennent", subject="autre")
    await projected(last.position)

    async def suggested(**telling):
        return titles(await api.as_("claire").post("/v1/known-errors/suggestions", json=telling))

    assert await suggested(text=TELLING) == ["Courriels refusés, erreur 535"]
    assert await suggested(text="erreur") == []
    assert await suggested(text="Depuis ce matin") == []
    assert await suggested(text="Webmail trop lent, un délai énorme") == ["Webmail lent"]
    assert await suggested(text="", subject="poste.impression") == ["Imprimantes hors ligne"]
    assert (await suggested(text=TELLING, subject="poste.impression"))[0] == "Courriels refusés, erreur 535"
    assert await suggested() == []


@pytest.mark.parametrize("text", ["' | \\ & ! ( ) :* <->", "à" * 20_000, "\U0001f5a8 " * 500, "%s {schema} $1"])
async def test_whatever_is_typed_can_be_compared(api, journal, nadia, projected, text):
    _, last = await journal.publish(nadia, "Imprimantes hors ligne")
    await projected(last.position)
    answer = await api.as_("claire").post("/v1/known-errors/suggestions", json={"text": text})
    assert titles(answer) == []


async def test_many_known_errors_do_not_slow_typing_down(api, journal, nadia, projected):
    """Who types is answered at once: some hundred known errors are compared in a few milliseconds."""
    for n in range(200):
        _, last = await journal.publish(nadia, f"Panne {n} du service {n}", "Un message paraît à l’écran. " * 20)
    await projected(last.position)
    claire = api.as_("claire")
    await claire.post("/v1/known-errors/suggestions", json={"text": TELLING})
    begun = time.perf_counter()
    for _ in range(5):
        titles(await claire.post("/v1/known-errors/suggestions", json={"text": TELLING * 20}))
    assert (time.perf_counter() - begun) / 5 < 0.5


async def test_an_incident_shows_what_it_is_linked_to_and_agents_what_might_explain_it(api, journal, nadia, projected):
    _, linked = await journal.publish(nadia, "Mot de passe refusé au webmail")
    _, other = await journal.publish(nadia, "Webmail lent", subject="reseau.filtrage")
    claire = await journal.person("claire")
    stream, created = await journal.create(claire, "Le webmail refuse mon mot de passe, il est lent aussi.")
    await journal.add(stream, incident.IncidentRouted(group="messagerie", rule="subject", why="objet"))
    await projected(other.position)
    agent, address = api.as_("nadia", Role.AGENT, groups=("messagerie",)), f"/v1/incidents/{created.number}"
    page = (await agent.get(address)).json()
    assert page["known_errors"] == []
    assert [item["number"] for item in page["suggested_errors"]] == [linked.number, other.number]
    await journal.add(stream, incident.KnownErrorLinked(by=nadia, known_error=linked.number))
    page = (await agent.get(address)).json()
    assert [item["number"] for item in page["known_errors"]] == [linked.number]
    assert [item["number"] for item in page["suggested_errors"]] == [other.number]
    own = (await api.as_("claire").get(address)).json()
    assert [item["workaround"] for item in own["known_errors"]] == ["Patientez."]
    assert own["suggested_errors"] == []
    assert own["timeline"][-1]["text"] == f"Erreur connue n° {linked.number} liée par Nadia Benali"
    before = (await agent.get(address, params={"at": "2026-11-06T09:00:00+01:00"})).status_code
    assert before == 404


async def test_an_incident_is_read_while_publications_cannot(api, journal, query_pool, nadia):
    _, created = await journal.create(await journal.person("claire"))
    await built(query_pool, PROJECTIONS["tracking"])
    page = await api.as_("claire").get(f"/v1/incidents/{created.number}")
    assert (page.status_code, page.json()["known_errors"]) == (200, [])
    assert (await api.as_("claire").get("/v1/known-errors")).status_code == 503


# ── news ────────────────────────────────────────────────────────────────────

EVER = datetime(2099, 1, 1, tzinfo=UTC)
PAST = datetime(2026, 11, 1, tzinfo=UTC)


async def test_news_are_listed_while_they_hold_with_whom_they_concern(api, journal, nadia, projected):
    claire, hugo = [await journal.person(name) for name in ("claire", "hugo")]
    await journal.news(nadia, "Passée", until=PAST)
    stream, _ = await journal.news(nadia, "Coupure du réseau", "reseau.filtrage", until=EVER)
    withdrawn, _ = await journal.news(nadia, "Retirée")
    await journal.add(withdrawn, NewsWithdrawn(by=nadia, text="C’est fini."))
    for person in (claire, claire, hugo):
        last = await journal.follow(stream, person)
    await projected(last.position)
    (item,) = (await api.as_("claire").get("/v1/news")).json()["items"]
    assert (item["id"], item["title"], item["current"]) == (str(stream), "Coupure du réseau", True)
    assert item["subject_labels"] == ["Réseau : ouverture d’un site filtré"]
    assert (item["followers"], item["followed"]) == (2, True)
    assert (await api.as_("nadia", Role.AGENT).get(f"/v1/news/{stream}")).json()["followed"] is False
    assert titles(await api.as_("hugo").get("/v1/news?state=ended")) == ["Retirée", "Passée"]
    assert titles(await api.as_("hugo").get("/v1/news?state=all&limit=1")) == ["Retirée"]
    assert titles(await api.as_("hugo").get("/v1/news?subject=messagerie.acces")) == []
    assert titles(await api.as_("hugo").get("/v1/news?q=réseaux")) == ["Coupure du réseau"]
    ended = (await api.as_("hugo").get(f"/v1/news/{withdrawn}")).json()
    assert (ended["current"], ended["withdrawn_text"], ended["version"]) == (False, "C’est fini.", 2)
    assert (await api.as_("hugo").get(f"/v1/news/{uuid4()}")).status_code == 404


async def test_an_incident_shows_the_news_that_concern_its_subject(api, journal, nadia, projected):
    await journal.news(nadia, "De tous")
    await journal.news(nadia, "D’un autre objet", "reseau.filtrage")
    _, last = await journal.news(nadia, "De cet objet", "messagerie.acces")
    _, created = await journal.create(await journal.person("claire"))
    await projected(last.position)
    page = (await api.as_("claire").get(f"/v1/incidents/{created.number}")).json()
    assert [item["title"] for item in page["news"]] == ["De cet objet", "De tous"]
