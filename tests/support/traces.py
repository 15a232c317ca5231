"""Looks for words in everything that a running stack keeps: the database, Redis, the documents, the logs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import redis

from shared.environment import run_env

TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1
"""


async def traces(home: Path, *words: str) -> set[str]:
    """Where any of the words stands, in any case: names of tables, keys, documents and logs."""
    wanted = [word.lower() for word in words]
    found = [one async for one in _database(run_env(home)["CECOIA_DATABASE_URL"])]
    found += [*_redis(run_env(home)["CECOIA_REDIS_URL"]), *_files(home, "documents"), *_files(home, "log")]
    assert {place.partition(" ")[0] for place, _ in found} == {"database", "redis", "documents", "log"}
    return {place for place, text in found if any(word in text.lower() for word in wanted)}


async def _database(url: str) -> AsyncIterator[tuple[str, str]]:
    connection = await asyncpg.connect(url)
    try:
        names = [row["name"] for row in await connection.fetch(TABLES)]
        for name in [*names, "pg_catalog.pg_stats"]:
            rows = await connection.fetch(f"SELECT t::text FROM {name} AS t")
            yield f"database {name}", "\n".join(row[0] for row in rows)
    finally:
        await connection.close()


def _redis(url: str) -> Iterator[tuple[str, str]]:
    readers = {
        "string": "get",
        "hash": "hgetall",
        "set": "smembers",
        "list": "lrange {} 0 -1",
        "zset": "zrange {} 0 -1",
        "stream": "xrange {} - +",
    }
    with redis.Redis.from_url(url) as client:
        for number in range(16):
            client.execute_command("SELECT", number)
            for key in client.scan_iter():
                reader = readers[client.type(key).decode()]
                name, *rest = reader.replace(" {}", "").split()
                yield f"redis {key!r}", f"{key!r} {client.execute_command(name, key, *rest)!r}"
        yield "redis", ""


def _files(home: Path, folder: str) -> Iterator[tuple[str, str]]:
    for path in (home / folder).rglob("*"):
        if path.is_file():
            yield f"{folder} {path.name}", f"{path.name}\n{path.read_bytes().decode(errors='replace')}"
    yield folder, ""
