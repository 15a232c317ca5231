"""The database of the stack: made, migrated and given its catalogue before the services start."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.home import Refused


async def bring_up_to_date(variables: Mapping[str, str], catalogue: Path) -> None:
    """Make the database unless it is there, migrate it, and seed the catalogue.

    Args:
        variables: the `CECOIA_*` variables of the stack.
        catalogue: file of groups and subjects.

    Raises:
        Refused: a step failed; the text holds its last words.
    """
    await _create(variables["CECOIA_DATABASE_URL"])
    await _step(variables, "shared.journal", "migrate")
    await _step(variables, "services.intake", "seed", str(catalogue))


async def _create(url: str) -> None:
    parts = urlsplit(url)
    try:
        await (await asyncpg.connect(url)).close()
    except asyncpg.InvalidCatalogNameError:
        name = parts.path.lstrip("/").replace('"', '""')
        connection = await asyncpg.connect(urlunsplit(parts._replace(path="/postgres")))
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError) as error:
        raise Refused(f"the database does not answer: {error}") from error


async def _step(variables: Mapping[str, str], module: str, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=dict(variables),
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        last = output.decode(errors="replace").strip().splitlines()[-1:] or ["it says nothing"]
        raise Refused(f"{module} {arguments[0]} failed: {last[0]}")
