"""Whether programs read the whole history nearly as fast as PostgreSQL gives it, and whether query grows with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import Final

import asyncpg
import msgspec

from shared.journal.read import read_page
from shared.journal.records import START
from tests.bench.histories import Histories
from tests.bench.report import Figure
from tests.bench.rounds import in_turn
from tests.bench.weight import weight

NAME: Final = "feed"
_PAGE: Final = 1000
_LINES: Final = "application/x-ndjson"
#: Bytes that are taken from the wire at once.
_BUFFER: Final = 1 << 20


class _Page(msgspec.Struct):
    """What a reader needs of a page."""

    items: list[msgspec.Raw]
    next: str
    more: bool


async def measure(place: Histories, *, quick: bool) -> Figure:
    """Read the long history from its first event on, as pages and as lines, beside the statement that query runs."""
    seconds, rounds = (0.5, 1) if quick else (5, 5)
    one, bearer = place.many, place.identity.token("entrepot", roles=["reporting"])
    direct = partial(_rate, partial(_straight, one.database_url), seconds)
    paged = await in_turn(partial(_rate, partial(_pages, one.query, bearer), seconds), direct, rounds)
    light = weight(one.readers["query"])
    lined = await in_turn(partial(_rate, partial(_lines, one.query, bearer), seconds), direct, rounds)
    return Figure(
        name="event feed, pages",
        ratio=paged.ratio,
        aim=0.5,
        ours=paged.ours,
        theirs=paged.theirs,
        unit="events/s",
        against="the same pages from PostgreSQL, by asyncpg",
        conditions=f"pages of {_PAGE} from a history of {one.incidents} incidents; {rounds} rounds of {seconds} s in turn",
        details={
            "as lines, events/s": lined.ours,
            "as lines, ratio": lined.ratio,
            "query before the lines, MB": light,
            "query after them, MB": weight(one.readers["query"]),
            "events in lines, about": lined.ours * seconds * (rounds + 1),
        },
    )


async def _rate(read: Callable[[], AsyncGenerator[int, None]], seconds: float) -> float:
    """Events a second, over and over from the first one on, for so long."""
    events, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        async with aclosing(read()) as pages:
            async for count in pages:
                events += count
                if (took := time.perf_counter() - began) >= seconds:
                    break
    return events / took


async def _straight(database_url: str) -> AsyncGenerator[int, None]:
    connection = await asyncpg.connect(database_url)
    try:
        after = START
        while page := await read_page(connection, after, _PAGE):
            after = page[-1].position
            yield len(page)
    finally:
        await connection.close()


async def _pages(port: int, bearer: str) -> AsyncGenerator[int, None]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_BUFFER)
    try:
        page = _Page([], "", more=True)
        while page.more:
            writer.write(_request(f"limit={_PAGE}&after={page.next}", bearer, "application/json"))
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            page = msgspec.json.decode(await reader.readexactly(size), type=_Page)
            yield len(page.items)
    finally:
        writer.close()


async def _lines(port: int, bearer: str) -> AsyncGenerator[int, None]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_BUFFER)
    try:
        writer.write(_request("", bearer, _LINES))
        await reader.readuntil(b"\r\n\r\n")
        while size := int(await reader.readline(), 16):
            chunk = await reader.readexactly(size + 2)
            yield chunk.count(b"\n") - 1
    finally:
        writer.close()


def _request(query: str, bearer: str, accept: str) -> bytes:
    head = f"GET /v1/events?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {bearer}\r\nAccept: {accept}"
    return f"{head}\r\n\r\n".encode()
