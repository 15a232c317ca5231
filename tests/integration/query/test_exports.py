"""What is taken away is what is there: every row once, in every form, whatever breaks; and nobody can be named by it."""

import asyncio
import json
import shutil
from datetime import datetime

import duckdb
import pytest

from services.query.exports import forms
from services.query.exports.columns import columns_of
from services.query.exports.rows import EventRow, IncidentRow
from services.query.exports.tables import TABLES
from shared.clock import PARIS
from shared.events import incident
from shared.events.vocabulary import Role
from tests.support.waiting import until

MONTH = "2026-11"

#: Columns of reports, and what of the exported incidents makes the same figure.
SUMS = {
    "volumes": {
        "created": "count(*)",
        "taken": "count(taken_at)",
        "resolved": "count(resolved_at)",
        "closed": "count(closed_at)",
    },
    "times": {
        "take_median": "quantile_disc(take_minutes, 0.5)",
        "take_clock_p90": "quantile_disc(take_clock_minutes, 0.9)",
        "resolve_p90": "quantile_disc(resolve_minutes, 0.9)",
        "resolve_clock_median": "quantile_disc(resolve_clock_minutes, 0.5)",
    },
    "transfers": {"transfers": "sum(transfers)", "transferred": "count(*) filter (transfers > 0)"},
    "resolution": {
        "refused": "count(*) filter (refusals > 0)",
        "reopened": "count(*) filter (reopenings > 0)",
    },
    "satisfaction": {"ratings": "count(rating)", "average": "avg(rating)"},
}


@pytest.fixture
def managers(api):
    return api.as_("sophie", Role.REPORTING)


@pytest.fixture
def small_pages(monkeypatch):
    """Several pages, and several groups of rows in a file."""
    monkeypatch.setattr(forms, "GROUP", 7)
    small = {name: table._replace(size=3) for name, table in TABLES.items()}
    monkeypatch.setattr("services.query.exports.api.TABLES", small)


async def taken(client, name, **params):
    answer = await client.get(f"/v1/exports/{name}", params=params)
    assert answer.status_code == 200, answer.text
    return answer


async def lines(client, name, **params):
    answer = await taken(client, name, form="ndjson", **params)
    items = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["export-rows"] == str(len(items))
    return items


@pytest.mark.usefixtures("small_pages")
async def test_each_row_is_there_once(managers, journal):
    streams = await journal.story(12)
    events = await lines(managers, "events")
    stored = await journal.pool.fetch("select event_id from journal.events order by xid, position")
    assert [row["event"] for row in events] == [str(row["event_id"]) for row in stored]
    incidents = await lines(managers, "incidents")
    numbers = await journal.pool.fetch("select number from journal.streams where stream_id = any($1)", streams)
    assert sorted(row["number"] for row in incidents) == sorted(row["number"] for row in numbers)
    assert [row["position"] for row in incidents] == [
        row["position"] for row in events if row["type"] == "IncidentCreated"
    ]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("form", ["csv", "ndjson"])
@pytest.mark.parametrize("name", list(TABLES))
async def test_what_was_cut_goes_on_from_its_last_whole_line(managers, journal, name, form):
    await journal.story(8)
    whole = (await taken(managers, name, form=form)).content
    for share in (0.4, 0.6, 0.95):
        kept = whole[: int(len(whole) * share)].rpartition(b"\n")[0] + b"\n"
        last = kept.decode("utf-8-sig").splitlines()[-1]
        cursor = json.loads(last)["position"] if form == "ndjson" else last.split(";")[0]
        assert kept + (await taken(managers, name, form=form, after=cursor)).content == whole


@pytest.mark.usefixtures("small_pages")
async def test_a_reader_that_breaks_off_has_whole_lines_to_go_on_from(managers, journal):
    await journal.story(12)
    whole = (await taken(managers, "events")).content
    kept = b""
    while kept != whole:
        cursor = {"after": kept.splitlines()[-1].decode().split(";")[0]} if kept else {}
        async with managers.stream("GET", "/v1/exports/events", params=cursor) as answer:
            came = b""
            async for chunk in answer.aiter_bytes(1500):
                came += chunk
                break
        kept += came[: came.rfind(b"\n") + 1]
        assert whole.startswith(kept)


async def test_what_comes_later_is_what_follows_the_last_line(managers, journal):
    await journal.story(3)
    known = await lines(managers, "incidents")
    _, outcome = await journal.create(await journal.person("claire"))
    assert [row["number"] for row in await lines(managers, "incidents", after=known[-1]["position"])] == [
        outcome.number
    ]
    assert await lines(managers, "incidents", after=outcome.position.encode()) == []


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("name", list(TABLES))
async def test_all_forms_say_the_same_to_other_programs(managers, journal, tmp_path, name):
    await journal.story(12)
    paths = {}
    for form, given in (("ndjson", {}), ("csv", {}), ("parquet", {"month": MONTH})):
        paths[form] = tmp_path / f"{name}.{form}"
        paths[form].write_bytes((await taken(managers, name, form=form, **given)).content)
    columns = TABLES[name].columns
    types = {"text": "VARCHAR", "integer": "BIGINT", "decimal": "DOUBLE", "instant": "TIMESTAMP WITH TIME ZONE"}
    with duckdb.connect() as database:
        database.execute("set timezone = 'Europe/Paris'")
        parquet = database.sql(f"select * from read_parquet('{paths['parquet']}')")
        assert [*zip(parquet.columns, map(str, parquet.types), strict=True)] == [
            (column.name, types[column.type]) for column in columns
        ]
        rows = parquet.fetchall()
        shapes = ", ".join(f"'{column.name}': '{types[column.type]}'" for column in columns)
        ndjson = f"select * from read_json('{paths['ndjson']}', format='newline_delimited', columns={{{shapes}}})"
        assert database.sql(ndjson).fetchall() == rows
        naive = shapes.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMP")
        read = f"read_csv('{paths['csv']}', delim=';', decimal_separator=',', header=true, columns={{{naive}}})"
        assert database.sql(f"select * from {read}").fetchall() == [in_paris(row) for row in rows]
    assert len(rows) > forms.GROUP


def in_paris(row):
    """As spreadsheets see it: hours of Paris, to the second."""
    return tuple(
        cell.astimezone(PARIS).replace(tzinfo=None, microsecond=0) if hasattr(cell, "astimezone") else cell
        for cell in row
    )


async def test_sums_are_those_of_the_reports(managers, journal, projected, tmp_path):
    await journal.story(20)
    _, outcome = await journal.create(await journal.person("claire"))
    await projected(outcome.position)
    path = tmp_path / "incidents.parquet"
    path.write_bytes((await taken(managers, "incidents", form="parquet", month=MONTH)).content)
    period = {"from": "2026-11-01", "to": "2026-11-30", "by": ""}
    for report, sums in SUMS.items():
        answer = (await managers.get(f"/v1/reports/{report}", params=period)).json()
        told = dict(zip([column["name"] for column in answer["columns"]], answer["rows"][0], strict=True))
        expressions = ", ".join(sums.values())
        (row,) = duckdb.sql(f"select {expressions} from read_parquet('{path}')").fetchall()
        assert dict(zip(sums, row, strict=True)) == {name: told[name] for name in sums}


async def test_an_incident_says_what_happened_to_it(managers, journal):
    claire, agent = await journal.person("claire"), await journal.person("nadia")
    stream, outcome = await journal.create(claire)
    for event in (
        incident.IncidentRouted(group="messagerie", rule="subject", why="d’après l’objet"),
        incident.IncidentTaken(by=agent, group="messagerie"),
        incident.IncidentTransferred(by=agent, from_group="messagerie", group="reseau", subject="reseau.filtrage"),
        incident.IncidentTaken(by=agent, group="reseau"),
        incident.IncidentResolved(by=agent, text="Réparé"),
        incident.ResolutionRefused(by=claire, reason="Toujours en panne", responsible=agent.id),
        incident.SatisfactionRated(by=claire, rating=2),
    ):
        await journal.add(stream, event, owner=claire.id)
    (row,) = await lines(managers, "incidents")
    told = {
        "number": outcome.number,
        "status": "in_progress",
        "subject": "reseau.filtrage",
        "subject_label": "Réseau : ouverture d’un site filtré",
        "kind": "request",
        "group": "reseau",
        "group_label": "Réseau et internet",
        "first_subject": "messagerie.acces",
        "first_group": "messagerie",
        "transfers": 1,
        "refusals": 1,
        "resolutions": 1,
        "replies": 0,
        "take_clock_minutes": 2,
        "resolve_clock_minutes": 5,
        "held_hours": 0.0,
        "rating": 2,
        "beneficiary": None,
        "version": 8,
    }
    assert {name: row[name] for name in told} == told
    assert row["requester"] == row["recorded_by"]
    assert row["requester"] != row["responsible"]


async def test_people_are_pseudonyms_that_stay_until_they_are_erased(managers, journal, erase):
    claire, hugo = await journal.person("claire", "Claire Martin"), await journal.person("hugo", "Hugo Petit")
    stream, _ = await journal.create(claire, "Mon secret", beneficiary=hugo)
    await journal.add(stream, incident.IncidentUpdated(by=claire, text="Encore"), owner=claire.id)
    await journal.create(claire)
    before = {name: await lines(managers, name) for name in TABLES}
    names = {row["requester"] for row in before["incidents"]}
    assert len(names) == 1
    assert names == {row["actor"] for row in before["events"] if row["actor"]}
    assert before == {name: await lines(managers, name) for name in TABLES}
    text = json.dumps(before, ensure_ascii=False)
    hidden = ("Claire", "Martin", "Hugo", "secret", "Encore", "sealed.", "+33199001234", "claire@", str(claire.id))
    assert [word for word in (*hidden, str(hugo.id)) if word in text] == []
    await erase(claire)

    async def forgotten():
        return (await lines(managers, "incidents"))[0]["requester"] is None

    await until(forgotten)  # heard of within a second
    after = {name: await lines(managers, name) for name in TABLES}
    assert [row["requester"] for row in after["incidents"]] == [None, None]
    assert after["incidents"][0]["beneficiary"] == before["incidents"][0]["beneficiary"]
    assert not any(name in json.dumps(after) for name in names)
    assert str(claire.id) not in json.dumps(after)


async def test_months_are_those_of_paris(managers, journal):
    claire = await journal.person("claire")
    for at in ("2026-10-31T22:59:59Z", "2026-10-31T23:00:00Z", "2026-11-30T22:59:59Z", "2026-11-30T23:00:00Z"):
        await journal.create(claire, at=instant(at))
    found = (await managers.get("/v1/exports/incidents/months")).json()["items"]
    assert found == [
        {"month": "2026-10", "rows": 1},
        {"month": "2026-11", "rows": 2},
        {"month": "2026-12", "rows": 1},
    ]
    for item in found:
        rows = await lines(managers, "incidents", month=item["month"])
        assert len(rows) == item["rows"]
    listed = (await managers.get("/v1/exports")).json()
    assert {item["name"] for item in listed["items"]} == set(TABLES)
    assert listed["items"][0]["months"][:2] == ["2026-10", "2026-11"]
    assert {form["form"]: form["whole"] for form in listed["forms"]} == {"csv": False, "ndjson": False, "parquet": True}


def instant(text):
    return datetime.fromisoformat(text)


async def test_nothing_is_a_file_too(managers, tmp_path):
    for name in TABLES:
        path = tmp_path / f"{name}.parquet"
        path.write_bytes((await taken(managers, name, form="parquet", month="2020-01")).content)
        assert duckdb.sql(f"select count(*) from read_parquet('{path}')").fetchall() == [(0,)]
        header = (await taken(managers, name, month="2020-01")).content.decode("utf-8-sig")
        assert header == ";".join(column.name for column in TABLES[name].columns) + "\r\n"


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"form": "xlsx"}, ["form"]),
        ({"form": "parquet"}, ["month"]),
        ({"form": "parquet", "month": "2026-13", "after": "MTIuNA"}, ["month", "after"]),
        ({"after": "nonsense"}, ["after"]),
        ({"month": "novembre", "after": "é"}, ["month", "after"]),
    ],
)
async def test_what_cannot_be_given_is_said(managers, given, fields):
    answer = await managers.get("/v1/exports/events", params=given)
    assert answer.status_code == 422
    assert sorted({error["field"] for error in answer.json()["errors"]}) == sorted(fields)
    assert (await managers.get("/v1/exports/people")).status_code == 404
    assert (await managers.get("/v1/exports/people/months")).status_code == 404


async def test_the_dictionary_tells_every_column(managers):
    items = (await managers.get("/v1/exports/dictionary")).json()["items"]
    for item, row in zip(items, (IncidentRow, EventRow), strict=True):
        assert [column["name"] for column in item["columns"]] == list(row.__struct_fields__)
        assert all(column["meaning"].endswith((".", "…")) for column in item["columns"])
    assert items[0]["columns"][0]["name"] == items[1]["columns"][0]["name"] == "position"
    assert len({column.name for column in columns_of(IncidentRow)}) > 40


async def test_libreoffice_reads_the_csv(managers, journal, tmp_path):
    program = shutil.which("soffice")
    if not program:
        pytest.skip("LibreOffice is not installed: nobody has seen here whether its reader opens the CSV right")
    await journal.story(5)
    rows = await lines(managers, "incidents")
    source = tmp_path / "incidents.csv"
    source.write_bytes((await taken(managers, "incidents")).content)
    profile = (tmp_path / "profile").as_uri()
    # semicolons, double quotes, UTF-8, from the first line, French, without quoting all, numbers recognised
    reader = "CSV:59,34,76,1,,1036,false,true"
    command = [
        program,
        f"-env:UserInstallation={profile}",
        "--headless",
        f"--infilter={reader}",
        "--convert-to",
        "fods",
    ]
    process = await asyncio.create_subprocess_exec(*command, "--outdir", str(tmp_path), str(source))
    assert await process.wait() == 0
    text = await asyncio.to_thread((tmp_path / "incidents.fods").read_text, encoding="utf-8")
    first = rows[0]
    assert f'office:value="{first["version"]}"' in text
    assert first["subject_label"] in text
    assert 'office:value-type="date"' in text
    held = [row["held_hours"] for row in rows if row["held_hours"] and row["held_hours"] % 1]
    assert all(f'office:value="{hours}"' in text for hours in held)
