"""Whether what people look at stays as quick when many incidents have come in."""

from __future__ import annotations

from functools import partial
from typing import Final

import httpx

from tests.bench.histories import Histories, History
from tests.bench.load import Plan, load
from tests.bench.report import Figure
from tests.bench.rounds import in_turn

NAME: Final = "reads"
CLIENTS: Final = 4

#: Page to who looks and where; the number is one of claire.martin's.
PAGES: Final = {
    "list": ("claire.martin", "/v1/incidents"),
    "detail": ("claire.martin", "/v1/incidents/{number}"),
    "queue": ("nadia.benali", "/v1/queues/messagerie"),
    "all": ("nadia.benali", "/v1/incidents?scope=all"),
    "search": ("nadia.benali", "/v1/incidents?scope=all&q=courriels%20familles"),
    "search, frequent word": ("nadia.benali", "/v1/incidents?scope=all&q=imprimante"),
    "search, rare word": ("nadia.benali", "/v1/incidents?scope=all&q=zorglub"),
    "search, one letter": ("nadia.benali", "/v1/incidents?scope=all&q=c"),
}


async def measure(place: Histories, *, quick: bool) -> Figure:
    """Ask for the same pages of both histories in turn."""
    seconds, rounds = (0.5, 1) if quick else (5, 5)
    found = {}
    for page, (who, path) in PAGES.items():
        plans = [
            Plan(port=one.query, head=_head(one, place.identity.token(who), path), clients=CLIENTS, seconds=seconds)
            for one in (place.many, place.few)
        ]
        found[page] = await in_turn(*(partial(_p99, plan) for plan in plans), rounds)
    worst = max(found, key=lambda page: found[page].ratio)
    return Figure(
        name="tracking list, detail, queue, searches, p99",
        ratio=found[worst].ratio,
        aim=1.5,
        at_most=True,
        ours=found[worst].ours,
        theirs=found[worst].theirs,
        unit="ms",
        against=f"the same with {place.few.incidents} incidents; worst is the {worst}",
        conditions=f"{place.many.incidents} incidents, {CLIENTS} clients; {rounds} rounds of {seconds} s in turn",
        details={f"{page}, ms with many": found[page].ours for page in PAGES}
        | {f"{page}, ratio": found[page].ratio for page in PAGES},
    )


async def _p99(plan: Plan) -> float:
    return (await load(plan)).p99


def _head(history: History, token: str, path: str) -> str:
    """First line and headers; a number that stands in the path is that of an incident in the caller's list."""
    headers = {"Authorization": f"Bearer {token}"}
    if "{number}" in path:
        answer = httpx.get(f"http://127.0.0.1:{history.query}/v1/incidents", headers=headers).raise_for_status()
        path = path.replace("{number}", answer.json()["items"][0]["number"])
    return f"GET {path} HTTP/1.1\r\nAuthorization: Bearer {token}"
