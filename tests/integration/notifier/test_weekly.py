"""The week in figures goes out once each Monday, whatever was down meanwhile; query speaks as its contract says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from services.notifier.toolbox import Toolbox
from services.notifier.weekly import figures
from services.notifier.weekly.planning import plan_report
from services.notifier.work.queues import Kind
from shared.clock import PARIS
from shared.settings import Settings
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk
from tests.support.serving import served
from tests.support.smtp import CUT, Fault

SUPERVISORS = "responsables@cecoia.example"
#: The desk writes in 2018: this is a Monday at half past seven in Paris.
MONDAY = datetime(2018, 11, 19, 6, 30, tzinfo=UTC)
#: Columns and rows of each report, by the first day that is asked for.
REPORTS: dict[str, tuple[list[str], dict[str, list[list[Any]]]]] = {
    "volumes": (
        ["week", "created", "taken", "resolved", "closed"],
        {"2018-11-12": [["2018-W46", 1312, 1290, 1205, 1180]], "2018-11-05": [["2018-W45", 1101, 1090, 990, 1001]]},
    ),
    "backlog": (["week", "open", "to_handle"], {"2018-11-12": [["2018-W46", 204, 4]]}),
    "targets": (["week", "take_met_share", "resolve_met_share"], {"2018-11-12": [["2018-W46", 0.925, None]]}),
    "satisfaction": (["week", "ratings", "average"], {"2018-11-12": [["2018-W46", 330, 4.24]]}),
    "transfers": (
        ["subject", "incidents", "transferred", "per_incident"],
        {"2018-11-12": [["reseau.wifi", 9, 1, 0.1], ["messagerie.acces", 40, 12, 0.3]]},
    ),
}


@dataclass
class Query:
    """Query and the identity provider.

    Attributes:
        down: how often it is away still.
        slow: seconds that it takes for each answer.
        asked: what it was asked for.
    """

    down: int = 0
    slow: float = 0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    granted: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def app(self) -> Litestar:
        @get("/.well-known/openid-configuration")
        async def discovery() -> dict[str, str]:
            return {"token_endpoint": f"{self.url}/token"}

        @post("/token", status_code=200)
        async def token(request: Request[Any, Any, Any]) -> dict[str, Any]:
            self.granted.append(dict(await request.form()))
            return {"access_token": "good", "expires_in": 300}

        @get("/v1/reports/{name:str}")
        async def report(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
            if request.headers.get("authorization") != "Bearer good" or "min-event-position" not in request.headers:
                return Response({}, status_code=401)
            if self.down:
                self.down -= 1
                return Response({}, status_code=503)
            await asyncio.sleep(self.slow)
            asked = dict(request.query_params)
            self.asked.append((name, asked))
            columns, rows = REPORTS[name]
            return Response(
                {
                    "name": name,
                    "title": name,
                    "from": asked["from"],
                    "to": asked["to"],
                    "by": [asked["by"]],
                    "columns": [{"name": one, "label": one, "unit": "count"} for one in columns],
                    "rows": rows.get(asked["from"], []),
                }
            )

        return Litestar([discovery, token, report], openapi_config=None, logging_config=None)


@pytest.fixture
async def query() -> AsyncIterator[Query]:
    one = Query()
    async with served(one.app()) as one.url:
        yield one


@pytest.fixture
def supervised(bench: Bench, query: Query) -> Bench:
    settings = replace(
        bench.tools.settings,
        supervisors_mail=SUPERVISORS,
        reporting_client="entrepot",
        reporting_secret="demo",
        query_url=query.url,
        oidc_issuer=query.url,
    )
    bench.tools = bench.tools._replace(settings=settings)
    return bench


async def planned(tools: Toolbox, now: datetime, settings: Settings | None = None) -> list[str]:
    """The weeks that rows are about, after one more round of housekeeping."""
    async with tools.pool.acquire() as connection:
        await plan_report(connection, settings or tools.settings, now)
        rows = await connection.fetch("select recipient from notifier.work where kind = 'weekly' order by id")
    return [row["recipient"] for row in rows]


async def test_it_is_planned_and_sent_once_a_week(supervised: Bench, desk: Desk, query: Query, smtp: Any) -> None:
    assert await planned(supervised.tools, MONDAY - timedelta(hours=1)) == ["2018-11-05"]
    await supervised.settle()
    for hours in (0, 1, 100, 167):
        assert await planned(supervised.tools, MONDAY + timedelta(hours=hours)) == ["2018-11-05", "2018-11-12"]
        await supervised.settle()
    (first, mail) = smtp.mails
    assert (mail.recipient, mail.message["Subject"]) == (SUPERVISORS, "[CeCoIA] Semaine du 12/11/2018 au 18/11/2018")
    assert mail.message["Message-ID"] != first.message["Message-ID"]
    assert (
        query.granted
        == [
            {"grant_type": "client_credentials", "client_id": "entrepot", "client_secret": "demo"},
        ]
        * 2
    )
    text = mail.message.get_body(("plain",)).get_content().replace("\u00a0", " ").replace("\u202f", " ")
    assert "Reçus : 1 312 (1 101)" in text
    assert "Pris en compte à temps : 92 % (sans objet)" in text
    assert "Satisfaction : 4,2 sur 5, 330 avis (aucun avis)" in text
    assert "- Messagerie : connexion impossible : 12 transférés sur 40" in text
    assert "Wi-Fi" not in text
    html = mail.message.get_body(("html",)).get_content()
    assert "http://127.0.0.1:8000/rapports/targets?from=2018-11-12&amp;to=2018-11-18" in html


async def test_after_weeks_without_anybody_only_the_last_is_told(supervised: Bench, desk: Desk, smtp: Any) -> None:
    later = MONDAY + timedelta(weeks=5, days=2)
    assert await planned(supervised.tools, later) == [(date(2018, 12, 17)).isoformat()]
    await supervised.settle()
    assert len(smtp.mails) == 1


async def test_query_away_puts_it_off_until_it_is_back(supervised: Bench, desk: Desk, query: Query, smtp: Any) -> None:
    query.down = 2
    await planned(supervised.tools, MONDAY)
    await supervised.settle()
    (row,) = await supervised.rows(Kind.WEEKLY)
    assert (row["attempts"], row["done_at"], row["last_error"]) == (1, None, "503 /v1/reports/volumes")
    assert row["due_at"] - datetime.now(UTC) < timedelta(minutes=5)
    for _ in range(3):
        await supervised.make_due()
        await supervised.settle()
    (row,) = await supervised.rows(Kind.WEEKLY)
    assert (row["attempts"], row["dead_at"]) == (3, None)
    assert row["done_at"]
    assert len(smtp.mails) == 1


async def test_answers_that_outlast_a_lease_are_not_waited_for(
    supervised: Bench, desk: Desk, query: Query, smtp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "_LIMIT_OF_ALL", 0.5)
    query.slow = 0.2
    await planned(supervised.tools, MONDAY)
    await supervised.settle()
    (row,) = await supervised.rows(Kind.WEEKLY)
    assert (row["attempts"], row["done_at"], row["last_error"]) == (1, None, "ReadTimeout")
    assert smtp.mails == []
    query.slow = 0
    await supervised.make_due()
    await supervised.settle()
    assert len(smtp.mails) == 1


async def test_a_cut_at_the_worst_moment_repeats_the_same_mail(supervised: Bench, desk: Desk, smtp: Any) -> None:
    smtp.faults.append(Fault("end", CUT, times=1))
    await planned(supervised.tools, MONDAY)
    for _ in range(2):
        await supervised.settle()
        await supervised.make_due()
    ids = [mail.message["Message-ID"] for mail in smtp.mails]
    assert (len(ids), len(set(ids))) == (2, 1)


@pytest.mark.parametrize("missing", [{"supervisors_mail": ""}, {"reporting_client": ""}], ids=str)
async def test_nothing_is_planned_where_nobody_is_to_read_it(
    supervised: Bench, desk: Desk, missing: dict[str, str]
) -> None:
    assert await planned(supervised.tools, MONDAY, replace(supervised.tools.settings, **missing)) == []


async def test_a_week_before_the_beginning_is_not_told(supervised: Bench, desk: Desk) -> None:
    """The first Monday after an installation tells of the days that it has seen."""
    began = datetime(2018, 11, 6, tzinfo=PARIS)
    assert await planned(supervised.tools, began + timedelta(days=1)) == []
    assert await planned(supervised.tools, MONDAY - timedelta(weeks=1)) == ["2018-11-05"]
