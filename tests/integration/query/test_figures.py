"""Every report answers however it is split, and each figure that counts is made of as many events as it says."""

import pytest

from services.query.reports.declared import REPORTS
from shared.events.catalogue import CalendarDefined, Week
from shared.events.vocabulary import Role
from tests.integration.query.conftest import CATALOGUE

PERIOD = {"from": "2026-11-01", "to": "2026-11-30"}


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
    report = await answered(client, name, {**PERIOD, "by": by})
    axes = len(report["by"])
    for row in report["rows"]:
        cell = {f"cell.{axis}": "" if word is None else word for axis, word in zip(report["by"], row, strict=False)}
        for column, value in zip(report["columns"][axes:], row[axes:], strict=True):
            if column["unit"] == "count":
                yield {**PERIOD, "by": by, "column": column["name"], **cell}, value


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
