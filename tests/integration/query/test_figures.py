"""Every report answers however it is split, and each figure that counts is made of as many events as it says."""

import json
from datetime import UTC, datetime

import pytest

from services.query.reports import answering
from services.query.reports.answering import statement_of
from services.query.reports.asking import read_asked
from services.query.reports.declared import REPORTS
from shared.events.catalogue import CalendarDefined, Week
from shared.events.incident import KnownErrorLinked
from shared.events.vocabulary import Role
from tests.integration.query.conftest import CATALOGUE

PERIOD = {"from": "2026-11-01", "to": "2026-11-30"}
#: In which the stories are told: each of its figures is looked at.
WEEK = {"from": "2026-11-02", "to": "2026-11-08"}


@pytest.fixture
async def manager(api, journal, projected):
    days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ("00:00-24:00",))
    calendar = CalendarDefined(calendar="standard", label="Toujours", timezone="Europe/Paris", open=Week(**days))
    await journal.add(CATALOGUE, calendar)
    await journal.story(12)
    _, last = await journal.create(await journal.person("claire"))
    await projected(last.position)
    return api.as_("sophie", Role.REPORTING)


async def answered(client, path, params):
    answer = await client.get(f"/v1/reports/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def cells(client, name, by):
    """Each figure that is a count, with the parameters that say which."""
    report = await answered(client, name, {**WEEK, "by": by})
    axes = len(report["by"])
    for row in report["rows"]:
        cell = {f"cell.{axis}": "" if word is None else word for axis, word in zip(report["by"], row, strict=False)}
        for column, value in zip(report["columns"][axes:], row[axes:], strict=True):
            if column["unit"] == "count":
                yield {**WEEK, "by": by, "column": column["name"], **cell}, value


@pytest.mark.parametrize("name", REPORTS)
async def test_the_detail_of_each_count_has_as_many_events(manager, name):
    axes = list(REPORTS[name].axes)
    counted = 0
    for by in ("", "day", "subject,group", ",".join(axes)):
        async for asked, value in cells(manager, name, by):
            detail = await answered(manager, f"{name}/detail", asked)
            assert detail["total"] == value, asked
            counted += value
    assert counted > 0 or name in {"notifications", "satisfaction", "targets"}


async def test_known_errors_are_told_with_their_titles(manager, journal, projected):
    claire, nadia = await journal.person("claire"), await journal.person("nadia")
    _, published = await journal.publish(nadia, "Messagerie lente")
    stream, _ = await journal.create(claire)
    number = published.number
    for error in (number, "E261106_9999"):
        last = await journal.add(stream, KnownErrorLinked(by=nadia, known_error=error), owner=claire.id)
    await projected(last.position)
    asked = {**PERIOD, "by": "known-error"}
    report = await answered(manager, "known-errors", asked)
    assert "E261106_9999" in {row[0] for row in report["rows"]} - report["known_errors"].keys()
    assert report["known_errors"][number] == "Messagerie lente"
    assert (await answered(manager, "known-errors", {**PERIOD, "by": "day"}))["known_errors"] == {}
    for form, words in (({"labels": "true"}, f"{number}, Messagerie lente;1;"), ({}, f"{number};1;")):
        sheet = await manager.get("/v1/reports/known-errors", params=asked | form, headers={"Accept": "text/csv"})
        assert words in sheet.text


async def test_reports_say_what_they_are(manager):
    items = (await manager.get("/v1/reports")).json()["items"]
    assert [item["name"] for item in items] == list(REPORTS)
    for item in items:
        report = await answered(manager, item["name"], {**PERIOD, "by": ",".join(item["by"])})
        assert [column["name"] for column in report["columns"]] == [
            *item["by"],
            *(column["name"] for column in item["columns"]),
        ]
        for axis in item["by"]:
            await answered(manager, item["name"], {**PERIOD, "by": axis})


async def test_no_answer_has_more_rows_than_memory_is_meant_for(manager, monkeypatch):
    rows = (await answered(manager, "volumes", {**PERIOD, "by": "subject,urgency"}))["rows"]
    monkeypatch.setattr(answering, "MOST_ROWS", len(rows))
    assert (await answered(manager, "volumes", {**PERIOD, "by": "subject,urgency"}))["rows"] == rows
    monkeypatch.setattr(answering, "MOST_ROWS", len(rows) - 1)
    refused = await manager.get("/v1/reports/volumes", params={**PERIOD, "by": "subject,urgency"})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["by"]


async def test_pages_of_a_detail_follow_each_other(manager):
    asked = {**PERIOD, "by": "", "column": "created"}
    whole = await answered(manager, "volumes/detail", asked)
    assert whole["total"] == len(whole["items"]) == 13
    assert whole["next"] is None
    seen, cursor = [], {}
    while True:
        page = await answered(manager, "volumes/detail", {**asked, "limit": "4", **cursor})
        seen += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == whole["items"]
    assert {item["type"] for item in seen} == {"IncidentCreated"}
    assert seen[0]["url"] == f"/incidents/{seen[0]['number']}"


LARGE = """
insert into facts_1.facts
    (stream_id, person, at, known, cell, nth, version, day, worked, elapsed, late, fact)
select gen_random_uuid(), gen_random_uuid(), at, at, (select min(cell) from facts_1.cells), 1, 1, at::date, 60, 90, 0, fact
from unnest($1::text[]) as fact,
    generate_series(timestamptz '2016-11-01', timestamptz '2026-10-31', interval '3 hours') as at
"""
LASTED = """
insert into facts_1.spells (stream_id, version, since, until, created, cell, status)
select gen_random_uuid(), 1, at, case when at < '2026-10-30' then at + interval '2 days' else 'infinity' end, at,
    (select min(cell) from facts_1.cells), 'to_handle'
from generate_series(timestamptz '2016-11-01', timestamptz '2026-10-31', interval '1 hour') as at
"""


def scanned(plan):
    """Each way in which a plan reads a table of facts or spells."""
    if plan.get("Relation Name", "").startswith(("facts_", "spells")):
        yield plan["Node Type"]
    for part in plan.get("Plans", ()):
        yield from scanned(part)


@pytest.mark.parametrize("name", REPORTS)
async def test_a_month_is_read_by_index_however_long_the_history_is(manager, query_pool, name):
    report = REPORTS[name]
    asked = read_asked(report, {**PERIOD, "by": "day"}, datetime(2026, 11, 20, tzinfo=UTC))
    async with query_pool.acquire() as connection:
        await connection.execute(LARGE, list(report.facts))
        await connection.execute(LASTED)
        await connection.execute("analyze facts_1.facts, facts_1.spells")
        statement = await statement_of(connection, "facts_1", report, asked)
        (plan,) = await connection.fetchrow(f"explain (format json) {statement.text}", *statement.values)
    ways = set(scanned(json.loads(plan)[0]["Plan"]))
    assert ways
    assert ways <= {"Index Scan", "Bitmap Heap Scan", "Bitmap Index Scan", "Index Only Scan"}
