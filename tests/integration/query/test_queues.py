"""Queues over HTTP: how much waits, for whom, most pressing first; every filter; and quickly, however many wait."""

from uuid import uuid4

import pytest

from services.query.incidents import rows
from services.query.projections.tracking import TRACKING
from services.query.queues.asking import read_queue
from services.query.viewer import Viewer
from shared.events import incident
from shared.events.vocabulary import HoldReason, Role, Urgency
from shared.http.identity import Caller
from tests.integration.query.conftest import built
from tests.integration.query.test_lists import numbers


async def test_queues_hold_what_waits_most_pressing_first(api, journal, projected):
    claire, nadia = await journal.person("claire"), await journal.person("nadia")
    made = []
    for urgency in (Urgency.NORMAL, Urgency.CRITICAL, Urgency.NORMAL, Urgency.LOW):
        stream, outcome = await journal.create(claire, urgency=urgency)
        await journal.add(stream, incident.IncidentRouted(group="messagerie", rule="subject", why="objet"))
        made.append((stream, outcome.number))
    last = await journal.add(made[0][0], incident.IncidentTaken(by=nadia, group="messagerie"), owner=claire.id)
    await projected(last.position)
    agent = api.as_("nadia", Role.AGENT, groups=("messagerie", "unknown"))
    (count,) = (await agent.get("/v1/queues")).json()["items"]
    assert {name: count[name] for name in ("group", "to_handle", "in_progress", "mine", "total")} == {
        "group": "messagerie",
        "to_handle": 3,
        "in_progress": 1,
        "mine": 1,
        "total": 4,
    }
    assert count["oldest_at"]
    expected = [made[n][1] for n in (1, 0, 2, 3)]
    assert numbers(await agent.get("/v1/queues/messagerie")) == expected
    page = (await agent.get("/v1/queues/messagerie?limit=2")).json()
    rest = await agent.get("/v1/queues/messagerie", params={"limit": 2, "cursor": page["next"]})
    assert [item["number"] for item in page["items"]] + numbers(rest) == expected
    assert numbers(await agent.get("/v1/queues/messagerie?responsible=me")) == [made[0][1]]
    assert numbers(await agent.get("/v1/queues/messagerie?status=to_handle")) == expected[:1] + expected[2:]


async def test_queues_are_their_groups(api, journal, projected):
    _, outcome = await journal.create(await journal.person("claire"))
    await projected(outcome.position)
    agent = api.as_("lucas", Role.AGENT, groups=("reseau",))
    assert [item["group"] for item in (await agent.get("/v1/queues")).json()["items"]] == ["reseau"]
    assert (await agent.get("/v1/queues/messagerie")).status_code == 404
    assert (await agent.get("/v1/queues/nowhere")).status_code == 404
    supervisor = api.as_("sophie", Role.SUPERVISOR)
    assert len((await supervisor.get("/v1/queues")).json()["items"]) == 2
    assert (await supervisor.get("/v1/queues/messagerie")).status_code == 200
    assert (await api.as_("claire").get("/v1/queues")).status_code == 403
    for path in ("/v1/queues", "/v1/incidents", "/v1/stream"):
        assert (await api.as_("sophie2", Role.REPORTING).get(path)).status_code == 403, path


@pytest.fixture
async def desk(api, journal, projected):
    """An agent's queue, and the number of each incident in it by what became of it."""
    claire, nadia, lucas = [await journal.person(sub) for sub in ("claire", "nadia", "lucas")]

    async def made(description, urgency, *events):
        stream, outcome = await journal.create(claire, description, urgency=urgency)
        routed = incident.IncidentRouted(group="messagerie", rule="subject", why="objet")
        nonlocal last
        last = await journal.add(stream, routed, *events, owner=claire.id)
        return outcome.number

    last = None
    taken = [incident.IncidentTaken(by=by, group="messagerie") for by in (nadia, lucas)]
    found = {
        "nobody": await made("Imprimante en panne", Urgency.CRITICAL),
        "wrote": await made("Boîte pleine", Urgency.HIGH, incident.IncidentUpdated(by=claire, text="Toujours")),
        "mine": await made("Clavier cassé", Urgency.NORMAL, taken[0]),
        "lucas": await made("Imprimante lente", Urgency.NORMAL, taken[1]),
        "held": await made(
            "Clavier usé", Urgency.LOW, taken[0], incident.IncidentPutOnHold(by=nadia, reason=HoldReason.REQUESTER)
        ),
    }
    await projected(last.position)
    return api.as_("nadia", Role.AGENT, groups=("messagerie", "reseau")), found


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "nobody wrote mine lucas held"),
        ({"responsible": "me"}, "mine held"),
        ({"responsible": "nobody"}, "nobody wrote"),
        ({"responsible": "others"}, "lucas"),
        ({"status": "in_progress,on_hold"}, "mine lucas held"),
        ({"urgency": "critical,low"}, "nobody held"),
        ({"hold": "requester"}, "held"),
        ({"hold": "third_party,date"}, ""),
        ({"your_turn": "true"}, "wrote"),
        ({"q": "imprimante"}, "nobody lucas"),
        ({"q": "imprimante", "responsible": "nobody"}, "nobody"),
        ({"subject": "reseau.filtrage"}, ""),
        ({"sort": "-recorded_at"}, "held lucas mine wrote nobody"),
    ],
)
async def test_every_filter_is_the_server_s(desk, filters, expected):
    agent, known = desk
    for path in ("/v1/queues/messagerie", "/v1/waiting"):
        answer = await agent.get(path, params=filters)
        assert numbers(answer) == [known[name] for name in expected.split()]
        page = answer.json()
        assert (page["total"], page["at_least"], page["counts"]["total"]) == (len(expected.split()), False, 5)


async def test_a_row_says_why_it_waits(desk):
    agent, known = desk
    page = (await agent.get("/v1/queues/messagerie", params={"hold": "requester"})).json()
    assert [(item["number"], item["hold"], item["hold_until"]) for item in page["items"]] == [
        (known["held"], "requester", None)
    ]


async def test_all_queues_of_one_s_groups_are_one_list(api, journal, projected):
    claire, made = await journal.person("claire"), {}
    for group in ("messagerie", "reseau"):
        stream, outcome = await journal.create(claire)
        last = await journal.add(stream, incident.IncidentRouted(group=group, rule="subject", why="objet"))
        made[group] = outcome.number
    await projected(last.position)

    async def waiting(*groups, roles=(Role.AGENT,)):
        page = (await api.as_("nadia", *roles, groups=groups).get("/v1/waiting")).raise_for_status().json()
        assert (page["group"], page["label"], page["total"]) == (None, "Toutes mes files", page["counts"]["total"])
        return [item["number"] for item in page["items"]]

    assert await waiting("messagerie", "reseau") == list(made.values())
    assert await waiting("reseau") == [made["reseau"]]
    assert await waiting("nowhere") == await waiting() == []
    assert await waiting(roles=(Role.SUPERVISOR,)) == list(made.values())
    assert (await api.as_("claire").get("/v1/waiting")).status_code == 403


OPEN, DONE = 10_000, 60_000
_FILL = """
insert into {schema}.incidents (stream_id, number, version, subject, status, urgency, origin, excerpt, recorded_at,
    updated_at, requester, requester_name, recorded_by, responsible, group_code, documents, requester_marks, agent_marks, clocks)
select gen_random_uuid(), 'n' || n, 1, 'messagerie.acces',
    case when n > $1::integer then 'closed' when n % 2 = 0 then 'to_handle' else 'in_progress' end,
    (array['critical', 'high', 'normal', 'low'])[n % 4 + 1], 'portal', 'Panne', now() - n * interval '1 minute', now(),
    gen_random_uuid(), 'Claire', gen_random_uuid(), case when n % 2 = 1 then gen_random_uuid() end,
    (array['messagerie', 'reseau', 'postes'])[n % 3 + 1], 0, 1, 0, '{}'
from generate_series($1::integer + $2::integer, 1, -1) as n
"""


class Explaining:
    """Stands for a connection and keeps how the statements that it is asked would be run."""

    def __init__(self, connection):
        self._connection, self.plans = connection, []

    async def fetch(self, statement, *values):
        plan = await self._connection.fetch(f"explain (analyze, timing off) {statement}", *values)
        self.plans.append("\n".join(row[0] for row in plan))
        return []

    async def fetchval(self, statement, *values):
        await self.fetch(statement, *values)
        return 0


@pytest.mark.parametrize("groups", [("messagerie",), ("messagerie", "reseau", "postes")], ids=["one", "all"])
async def test_a_long_queue_never_reads_what_is_done(query_pool, groups):
    schema = (await built(query_pool, TRACKING)).schema
    async with query_pool.acquire() as connection:
        await connection.execute(_FILL.replace("{schema}", schema), OPEN, DONE)
        await connection.execute(f"analyze {schema}.incidents")
        caller = Caller(sub="nadia", name="", email=None, roles=frozenset(), groups=frozenset(), expires_at=0)
        viewer = Viewer(uuid4(), caller)
        filters = ({}, {"status": "to_handle"}, {"responsible": "nobody", "urgency": "low"}, {"sort": "-updated_at"})
        for given in filters:
            asked = Explaining(connection)
            listing = read_queue(given, groups)
            await rows.count(asked, schema, listing, await rows.find(asked, schema, listing, viewer))
            for plan in asked.plans:
                assert "Seq Scan on incidents" not in plan, plan
                assert "incidents_group_code_due_order" in plan or "sort" in given, plan
