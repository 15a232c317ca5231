"""Lists over HTTP: whose incidents, found how, in which order, page after page."""

from services.query.incidents.cursors import SORTS
from shared.events import incident
from shared.events.catalogue import SubjectRetired
from shared.events.vocabulary import Role, Urgency
from tests.integration.query.conftest import CATALOGUE


def numbers(answer):
    assert answer.status_code == 200, answer.text
    return [item["number"] for item in answer.json()["items"]]


async def test_a_row_says_all_that_the_page_shows(api, journal, projected):
    claire, nadia = await journal.person("claire", "Claire Martin"), await journal.person("nadia", "Nadia Benali")
    stream, outcome = await journal.create(claire, "  Échec\n de   connexion  ")
    await journal.add(stream, incident.IncidentRouted(group="messagerie", rule="subject", why="objet"))
    last = await journal.add(stream, incident.IncidentTaken(by=nadia, group="messagerie"), owner=claire.id)
    await projected(last.position)
    page = (await api.as_("claire").get("/v1/incidents")).json()
    assert page["total"] == page["open"] == 1
    assert page["next"] is None
    (item,) = page["items"]
    assert item["number"] == outcome.number
    assert item["subject_label"] == "Messagerie : connexion impossible"
    assert item["status_label"] == "En cours"
    assert item["excerpt"] == "Échec de connexion"
    assert item["requester"] == "Claire Martin"
    assert item["responsible"] == "Nadia Benali"
    assert item["group_label"] == "Messagerie et identité"
    assert item["version"] == 3
    assert item["mine"] is False


async def test_lists_hold_only_ones_own(api, journal, projected):
    claire, hugo, nadia = [await journal.person(name) for name in ("claire", "hugo", "nadia")]
    _, first = await journal.create(claire)
    _, second = await journal.create(claire, beneficiary=hugo)
    _, third = await journal.create(hugo, recorded_by=nadia)
    await projected(third.position)
    assert numbers(await api.as_("claire").get("/v1/incidents?sort=number")) == [first.number, second.number]
    assert numbers(await api.as_("hugo").get("/v1/incidents?sort=number")) == [second.number, third.number]
    agent = api.as_("nadia", Role.AGENT)
    assert numbers(await agent.get("/v1/incidents")) == [third.number]
    assert len(numbers(await agent.get("/v1/incidents?scope=all"))) == 3
    refused = await api.as_("claire").get("/v1/incidents?scope=all")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "scope"


FOUND = (
    "authentification",
    "AUTHENTIFICATION",
    "echec",
    "ÉCHECS",
    "échec de l’authentification",
    "authentif",
    "code 53",
    "thunderbird",
    "photocopieurs redemarrez",
    "connexion impossible",
    '"code 535"',
    "echec -imprimante",
)


async def test_search_folds_accents_case_and_endings(api, journal, projected):
    claire, nadia = await journal.person("claire", "Claire Martin"), await journal.person("nadia")
    stream, found = await journal.create(claire, "Thunderbird : « Échec de l’authentification » (code 535)")
    await journal.create(claire, "Clavier cassé", subject="reseau.filtrage")
    reply = incident.ReplySent(by=nadia, text="Redémarrez le photocopieur")
    last = await journal.add(stream, reply, owner=claire.id)
    await projected(last.position)
    client = api.as_("claire")
    for words in FOUND:
        assert numbers(await client.get("/v1/incidents", params={"q": words})) == [found.number], words
    assert len(numbers(await client.get("/v1/incidents?q=martin"))) == 2


async def test_search_that_finds_nothing_is_empty(api, journal, projected):
    claire = await journal.person("claire", "Claire Martin")
    _, last = await journal.create(claire, "Échec d’authentification, code 535")
    await projected(last.position)
    client = api.as_("claire")
    for words in ("zorglub", "echec -authentification", '"535 code"', "!!!", "le", "'", "a & b | !", "<->"):
        assert numbers(await client.get("/v1/incidents", params={"q": words})) == [], words


async def test_search_goes_straight_to_a_number_in_any_form(api, journal, projected):
    claire = await journal.person("claire")
    _, first = await journal.create(claire)
    _, second = await journal.create(claire)
    await projected(second.position)
    day, rank = first.number.split("_")
    client = api.as_("claire")
    for typed in (first.number, f"i{day[1:]}_{rank}", f"{day}-{rank}", f" {day} {int(rank)} ", f"n° {day}_{rank}"):
        assert numbers(await client.get("/v1/incidents", params={"q": typed})) == [first.number], typed


async def test_filters_narrow_down(api, journal, projected):
    claire, nadia = await journal.person("claire"), await journal.person("nadia")
    stream, resolved = await journal.create(claire)
    other, cancelled = await journal.create(claire, subject="reseau.filtrage")
    _, waiting = await journal.create(claire, subject="reseau.filtrage")
    await journal.add(stream, incident.IncidentResolved(by=nadia, text="Réparé"), owner=claire.id)
    last = await journal.add(other, incident.IncidentCancelled(by=claire, reason="Erreur"), owner=claire.id)
    await projected(last.position)
    client = api.as_("claire")
    assert numbers(await client.get("/v1/incidents?status=done")) == [cancelled.number]
    assert numbers(await client.get("/v1/incidents?status=open&sort=number")) == [resolved.number, waiting.number]
    assert numbers(await client.get("/v1/incidents?status=resolved,cancelled&sort=number")) == [
        resolved.number,
        cancelled.number,
    ]
    assert numbers(await client.get("/v1/incidents?subject=reseau.filtrage&status=to_handle")) == [waiting.number]
    page = (await client.get("/v1/incidents?status=done")).json()
    assert (page["total"], page["open"]) == (1, 2)


async def test_pages_hold_every_row_once(api, journal, projected):
    claire = await journal.person("claire")
    for n in range(12):
        _, last = await journal.create(
            claire, subject=["messagerie.acces", "reseau.filtrage"][n % 2], urgency=list(Urgency)[n % 4]
        )
    await projected(last.position)
    client = api.as_("claire")
    for sort in SORTS:
        whole = numbers(await client.get(f"/v1/incidents?sort={sort}&limit=100"))
        seen, cursor = [], ""
        while cursor is not None:
            page = await client.get("/v1/incidents", params={"sort": sort, "limit": 5, "cursor": cursor})
            seen += numbers(page)
            cursor = page.json()["next"]
        assert seen == whole, sort
        assert len(set(seen)) == 12
        assert numbers(await client.get(f"/v1/incidents?sort=-{sort}")) == whole[::-1]


async def test_pages_stay_stable_while_rows_are_added(api, journal, projected):
    claire = await journal.person("claire")
    for _ in range(6):
        _, last = await journal.create(claire)
    await projected(last.position)
    client = api.as_("claire")
    first = await client.get("/v1/incidents?sort=-recorded_at&limit=3")
    _, last = await journal.create(claire)
    await projected(last.position)
    second = await client.get(
        "/v1/incidents", params={"sort": "-recorded_at", "limit": 3, "cursor": first.json()["next"]}
    )
    assert len({*numbers(first), *numbers(second)}) == 6


async def test_every_bad_parameter_is_named(api, journal, projected):
    outcome = (await journal.create(await journal.person("claire")))[1]
    await projected(outcome.position)
    client = api.as_("claire")
    given = {"status": "lost", "sort": "colour", "limit": "101", "q": "a\0b", "scope": "mine", "subject": "a\x01"}
    answer = await client.get("/v1/incidents", params=given)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == set(given)
    for limit in ("0", "-1", "x", "1e9", "٣", "9" * 30):
        assert (await client.get("/v1/incidents", params={"limit": limit})).status_code == 422
    for cursor in ("x", "W10", "WyJudW1iZXIiXQ", "é", "null", "bnVsbA"):
        answer = await client.get("/v1/incidents", params={"cursor": cursor})
        assert [error["field"] for error in answer.json()["errors"]] == ["cursor"]


async def test_a_cursor_belongs_to_its_sort(api, journal, projected):
    claire = await journal.person("claire")
    for _ in range(3):
        _, last = await journal.create(claire)
    await projected(last.position)
    client = api.as_("claire")
    cursor = (await client.get("/v1/incidents?sort=number&limit=1")).json()["next"]
    assert (await client.get("/v1/incidents", params={"sort": "-number", "cursor": cursor})).status_code == 422


async def test_unread_counts_what_the_other_side_added_since_the_page_was_opened(api, journal, projected):
    claire, nadia = await journal.person("claire"), await journal.person("nadia")
    stream, outcome = await journal.create(claire)
    last = await journal.add(stream, incident.ReplySent(by=nadia, text="Bonjour"), owner=claire.id)
    await projected(last.position)
    requester, agent = api.as_("claire"), api.as_("nadia", Role.AGENT)

    async def unread(client, scope="own"):
        return (await client.get(f"/v1/incidents?scope={scope}")).json()["items"][0]["unread"]

    assert await unread(requester) == 1
    await requester.get(f"/v1/incidents/{outcome.number}")
    assert await unread(requester) == 0
    assert await unread(agent, "all") == 1
    await agent.get(f"/v1/incidents/{outcome.number}")
    last = await journal.add(stream, incident.IncidentUpdated(by=claire, text="Merci"), owner=claire.id)
    await projected(last.position)
    assert await unread(requester) == 0
    assert await unread(agent, "all") == 1
    item = (await agent.get("/v1/incidents?scope=all")).json()["items"][0]
    assert item["your_turn"] is True


async def test_a_resolution_asks_for_the_requester(api, journal, projected):
    claire, nadia = await journal.person("claire"), await journal.person("nadia")
    stream, _ = await journal.create(claire)
    last = await journal.add(stream, incident.IncidentResolved(by=nadia, text="Réparé"), owner=claire.id)
    await projected(last.position)
    assert (await api.as_("claire").get("/v1/incidents")).json()["items"][0]["your_turn"] is True


async def test_the_catalogue_is_listed_in_its_order(api, journal, projected):
    _, outcome = await journal.create(await journal.person("claire"))
    await projected(outcome.position)
    items = (await api.as_("claire").get("/v1/subjects")).json()["items"]
    assert [item["subject"] for item in items] == ["messagerie.acces", "reseau.filtrage"]
    assert items[1]["kind_label"] == "Demande"
    assert items[0]["group_label"] == "Messagerie et identité"
    last = await journal.add(CATALOGUE, SubjectRetired(subject="messagerie.acces"))
    await projected(last.position)
    items = (await api.as_("claire").get("/v1/subjects")).json()["items"]
    assert [(item["subject"], item["retired"]) for item in items] == [
        ("messagerie.acces", True),
        ("reseau.filtrage", False),
    ]
    for path in ("/v1/news", "/v1/known-errors"):
        assert (await api.as_("claire").get(path)).json() == {"items": [], "next": None}


ODD = (
    "q=%FF%FE",
    "limit=5&limit=6",
    "cursor=%00",
    "status=%F0%9F%92%A9",
    "sort=" + "-" * 500,
    "at=%00",
    "from=%00",
    "to=0000-00-00",
    "type=%00",
    "after=%00",
    "&&&=&=",
    "by=" + "day," * 200,
    "limit=000000001999",
    "limit=" + "1" * 4400,
    "after=" + "1" * 4400,
    "from=0001-01-01&to=0001-01-01&by=day,week,month,year",
    "from=9999-12-31&to=9999-12-31&by=day,week,month,year",
    "at=0001-01-01T00:00:00%2B14:00",
    "at=9999-12-31T23:59:59-14:00",
    # 0001-01-01T00:00:00+14:00 and the last positions there can be
    "sort=recorded_at&cursor=WyJyZWNvcmRlZF9hdCIsIjAwMDEtMDEtMDFUMDA6MDA6MDArMTQ6MDAiLCIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAiXQ",
    "after=OTIyMzM3MjAzNjg1NDc3NTgwNy45MjIzMzcyMDM2ODU0Nzc1ODA3",
)


async def test_no_query_string_is_an_internal_error(api, journal, projected):
    _, last = await journal.create(await journal.person("claire"))
    await projected(last.position)
    client = api.as_("sophie", Role.SUPERVISOR)
    paths = ("incidents", "queues/messagerie", "waiting", f"incidents/{last.number}", "events", "reports/volumes")
    for path in paths:
        for query in ODD:
            answer = await client.get(f"/v1/{path}?{query}")
            # nothing was there yet at the beginning of time
            refused = {404, 422} if query.startswith("at=0001") else {422}
            assert answer.status_code in {200, *refused}, (path, query, answer.text)
            assert answer.status_code in refused or answer.headers["cache-control"] == "no-store"
