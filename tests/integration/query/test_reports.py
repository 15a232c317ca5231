"""The report volumes: its figures are those of the journal, as JSON and as CSV."""

from datetime import UTC, datetime

import pytest

from shared.events import incident
from shared.events.vocabulary import ClosedBy, Role, Urgency


@pytest.fixture
async def told(journal, projected):
    claire, nadia = await journal.person("claire"), await journal.person("nadia")

    def at(day, hour=12):
        return datetime(2026, 11, day, hour, 0, tzinfo=UTC)

    first, _ = await journal.create(claire, urgency=Urgency.CRITICAL, at=at(6))
    # 23:30 UTC is the next day in Paris
    await journal.create(claire, subject="reseau.filtrage", at=datetime(2026, 11, 6, 23, 30, tzinfo=UTC))
    for day, event in (
        (6, incident.IncidentRouted(group="reseau", rule="subject", why="règle")),
        (7, incident.IncidentTaken(by=nadia, group="reseau")),
        (8, incident.IncidentReleased(by=nadia, group="reseau")),
        (8, incident.IncidentTaken(by=nadia, group="reseau")),
        (8, incident.IncidentResolved(by=nadia, text="Réparé")),
    ):
        await journal.add(first, event, owner=claire.id, at=at(day))
    last = await journal.add(first, incident.IncidentClosed(closed_by=ClosedBy.SILENCE), at=at(12))
    await projected(last.position)


def manager(api):
    return api.as_("sophie", Role.REPORTING)


async def rows(api, by):
    params = {"from": "2026-11-01", "to": "2026-11-30", "by": by}
    answer = (await manager(api).get("/v1/reports/volumes", params=params)).json()
    assert [column["name"] for column in answer["columns"]] == [
        *filter(None, by.split(",")),
        "created",
        "taken",
        "resolved",
        "closed",
    ]
    return answer["rows"]


async def test_volumes_can_be_split_by_everything(api, told):
    assert await rows(api, "day") == [
        ["2026-11-06", 1, 0, 0, 0],
        ["2026-11-07", 1, 1, 0, 0],
        ["2026-11-08", 0, 0, 1, 0],
        ["2026-11-12", 0, 0, 0, 1],
    ]
    assert await rows(api, "week") == [["2026-W45", 2, 1, 1, 0], ["2026-W46", 0, 0, 0, 1]]
    assert await rows(api, "month") == [["2026-11", 2, 1, 1, 1]]
    assert await rows(api, "year") == [["2026", 2, 1, 1, 1]]
    assert await rows(api, "subject") == [["messagerie.acces", 1, 1, 1, 1], ["reseau.filtrage", 1, 0, 0, 0]]
    assert await rows(api, "group") == [["reseau", 2, 1, 1, 1]]
    assert await rows(api, "urgency") == [["normal", 1, 0, 0, 0], ["critical", 1, 1, 1, 1]]
    assert await rows(api, "origin,kind") == [["portal", "incident", 1, 1, 1, 1], ["portal", "request", 1, 0, 0, 0]]
    assert await rows(api, "") == [[2, 1, 1, 1]]


async def test_both_ends_are_included(api, told):
    params = {"from": "2026-11-07", "to": "2026-11-08", "by": "day"}
    answer = (await manager(api).get("/v1/reports/volumes", params=params)).json()
    assert (answer["from"], answer["to"]) == ("2026-11-07", "2026-11-08")
    assert [row[0] for row in answer["rows"]] == ["2026-11-07", "2026-11-08"]


async def test_csv_opens_in_a_spreadsheet(api, told):
    params = {"from": "2026-11-01", "to": "2026-11-30", "by": "subject"}
    answer = await manager(api).get("/v1/reports/volumes", params=params, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="volumes_2026-11-01_2026-11-30.csv"' in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "subject;created;taken;resolved;closed",
        "messagerie.acces;1;1;1;1",
        "reseau.filtrage;1;0;0;0",
    ]
    spoken = await manager(api).get(
        "/v1/reports/volumes",
        params=params | {"labels": "true"},
        headers={"Accept": "text/csv, application/json;q=0.5"},
    )
    assert "Messagerie : connexion impossible;1;1;1;1" in spoken.text
    assert "Objet;Créés;Pris en compte;Résolus;Clôturés" in spoken.text


async def test_bad_parameters_are_all_named(api, told):
    answer = await manager(api).get(
        "/v1/reports/volumes", params={"from": "yesterday", "to": "2026-13-01", "by": "colour"}
    )
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"from", "to", "by"}
    for period in (("2026-11-30", "2026-11-01"), ("1900-01-01", "2026-11-01"), ("0001-01-01", "9999-12-31")):
        answer = await manager(api).get("/v1/reports/volumes", params={"from": period[0], "to": period[1]})
        assert answer.status_code == 422
    assert (await manager(api).get("/v1/reports/volumes", params={"to": "0001-01-01"})).status_code == 200
    assert (await manager(api).get("/v1/reports/nothing")).status_code == 404


async def test_reports_are_for_managers(api, told):
    assert (await api.as_("claire").get("/v1/reports")).status_code == 403
    assert (await api.as_("nadia", Role.AGENT).get("/v1/reports/volumes")).status_code == 403
    listed = (await manager(api).get("/v1/reports")).json()["items"]
    assert listed[0]["name"] == "volumes"


async def test_a_table_for_people_calls_known_errors_by_number_and_title(api, journal, projected):
    """A number that nobody published stands alone."""
    nadia, claire = await journal.person("nadia"), await journal.person("claire")
    _, published = await journal.publish(nadia, "Envoi refusé")
    for number in (published.number, "E261106_0009"):
        stream, _ = await journal.create(claire, at=datetime(2026, 11, 6, 12, 0, tzinfo=UTC))
        last = await journal.add(
            stream,
            incident.KnownErrorLinked(by=nadia, known_error=number),
            at=datetime(2026, 11, 6, 12, 1, tzinfo=UTC),
        )
    await projected(last.position)
    path, params = "/v1/reports/known-errors", {"from": "2026-11-01", "to": "2026-11-30", "by": "week,known-error"}
    answer = (await manager(api).get(path, params=params)).json()
    assert {row[1] for row in answer["rows"]} == {published.number, "E261106_0009"}
    csv = await manager(api).get(path, params=params | {"labels": "true"}, headers={"Accept": "text/csv"})
    assert f"2026-W45;{published.number}, Envoi refusé;1;" in csv.text
    assert "2026-W45;E261106_0009;1;" in csv.text
