"""The database of the stack: made, migrated and given its catalogue before the services start."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.home import Refused
from services.intake.seed import seed
from shared.journal.migrate import MigrationError, migrate
from shared.settings import Settings


async def bring_up_to_date(variables: Mapping[str, str], catalogue: str) -> None:
    """Make the database unless it is there, migrate it, and seed the catalogue.

    Args:
        variables: the `CECOIA_*` variables of the stack.
        catalogue: text of the file of groups and subjects (TOML).

    Raises:
        Refused: a step failed; the text says which and why.
    """
    settings = Settings.read(variables)
    step = "reaching the database"
    try:
        await make(settings.database_url)
        step = "migrating the database"
        await migrate(settings.database_url)
        step = "seeding the catalogue"
        await seed(settings, catalogue)
    except (OSError, asyncpg.PostgresError, MigrationError, ValueError) as error:
        raise Refused(f"{step} failed: {str(error) or type(error).__name__}") from error


async def make(url: str) -> None:
    """Make the database that the address names, empty, unless it is there.

    Raises:
        OSError, asyncpg.PostgresError: its server is away, or refuses.
    """
    try:
        await (await asyncpg.connect(url, timeout=10)).close()
    except asyncpg.InvalidCatalogNameError:
        parts = urlsplit(url)
        name = parts.path.lstrip("/").replace('"', '""')
        connection = await asyncpg.connect(urlunsplit(parts._replace(path="/postgres")), timeout=10)
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
