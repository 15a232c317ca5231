"""Saved reports: each manager's own, apart from views of queues, gone with the key of their person."""

import pytest

from services.query.saved import shelf
from shared.events.vocabulary import Role

PATH = "/v1/me/reports"
REPORT = {"name": "Le bureau du lundi", "report": "volumes", "params": {"period": "7-days", "by": "day,group"}}


@pytest.fixture
async def managers(api, journal, projected):
    _, outcome = await journal.create(await journal.person("claire"))
    await projected(outcome.position)
    return [api.as_(sub, role) for sub, role in (("sophie", Role.SUPERVISOR), ("paul", Role.REPORTING))]


async def names(manager):
    return [item["name"] for item in (await manager.get(PATH)).raise_for_status().json()["items"]]


async def test_a_report_is_its_person_s_alone(managers):
    sophie, paul = managers
    saved = (await sophie.post(PATH, json=REPORT)).raise_for_status().json()
    assert {name: saved[name] for name in REPORT} == REPORT
    assert (await sophie.get(PATH)).json()["items"] == [saved]
    assert await names(paul) == []
    theirs = f"{PATH}/{saved['id']}"
    assert (await paul.patch(theirs, json={"name": "À moi"})).status_code == 404
    assert (await paul.delete(theirs)).status_code == 404
    assert (await sophie.patch(theirs, json={"name": "Le mardi"})).json() == saved | {"name": "Le mardi"}
    assert (await sophie.delete(theirs)).status_code == 204
    assert (await sophie.delete(theirs)).status_code == 404
    assert await names(sophie) == []


async def test_reports_and_views_do_not_meet(managers):
    sophie, _ = managers
    view = (await sophie.post("/v1/me/views", json={"name": REPORT["name"], "is_default": True})).json()
    saved = (await sophie.post(PATH, json=REPORT)).json()
    assert saved["id"] != view["id"]
    assert (await sophie.get("/v1/me/views")).json()["items"] == [view]
    assert (await sophie.delete(f"{PATH}/{view['id']}")).status_code == 404
    assert (await sophie.delete(f"/v1/me/views/{saved['id']}")).status_code == 404


async def test_a_name_stands_for_one_report(managers):
    sophie, _ = managers
    first = (await sophie.post(PATH, json=REPORT)).json()
    again = (await sophie.post(PATH, json=REPORT | {"params": {}})).json()
    other = (await sophie.post(PATH, json=REPORT | {"name": "Autre"})).json()
    assert first["id"] == again["id"]
    assert await names(sophie) == [REPORT["name"], "Autre"]
    taken = await sophie.patch(f"{PATH}/{other['id']}", json={"name": REPORT["name"]})
    assert (taken.status_code, taken.json()["errors"][0]["field"]) == (422, "name")
    assert (await sophie.patch(f"{PATH}/{other['id']}", json={"name": "Autre"})).status_code == 200


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"report": "nothing"}, "report"),
        ({"params": {"by": "x" * 201}}, "params"),
        ({"params": {str(n): "x" for n in range(21)}}, "params"),
        ({"more": 1}, "more"),
    ],
)
async def test_what_no_page_could_show_is_refused(managers, changed, field):
    answer = await managers[0].post(PATH, json={**REPORT, **changed})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_there_is_an_end_to_saving(managers, monkeypatch):
    monkeypatch.setattr(shelf, "MOST", 1)
    assert (await managers[0].post(PATH, json=REPORT)).status_code == 201
    refused = await managers[0].post(PATH, json=REPORT | {"name": "Autre"})
    assert "rapports" in refused.json()["errors"][0]["message"]


async def test_nothing_of_it_is_in_the_clear_and_it_goes_with_its_key(managers, api, journal, query_pool):
    sophie, _ = managers
    (await sophie.post(PATH, json=REPORT)).raise_for_status()
    rows = await query_pool.fetch("select * from query.views")
    assert not any(word in str(rows) for word in ("lundi", "volumes", "7-days"))
    assert (await sophie.get("/v1/me/export")).json()["reports"][0]["name"] == REPORT["name"]
    api.app.state.context.vault.forget([(await journal.person("sophie")).id])
    assert await names(sophie) == []
