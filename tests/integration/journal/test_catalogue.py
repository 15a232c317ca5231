from pathlib import Path

from shared.catalogue import CATALOGUE_STREAM, FRESH, Catalogue, CatalogueWatch, difference, load, parse_toml
from shared.database import Connection, Pool, connect_pool
from shared.events.catalogue import SubjectRetired
from shared.journal.append import append
from shared.journal.sealing import Vault
from tests.support.history import command
from tests.support.wire_cutter import WireCutter

FILE = parse_toml((Path(__file__).parents[3] / "deploy" / "catalogue.toml").read_text(encoding="utf-8"))


async def seed(connection: Connection, vault: Vault) -> int:
    events = difference(await load(connection, vault), FILE)
    if events:
        await append(connection, [command(*events, stream_id=CATALOGUE_STREAM)], vault)
    return len(events)


async def test_seeding_is_done_once(connection: Connection, vault: Vault) -> None:
    assert await load(connection, vault) == Catalogue()
    assert await seed(connection, vault) == len(FILE)
    assert await seed(connection, vault) == 0
    assert await load(connection, vault) == Catalogue.of(FILE)


async def test_a_change_is_seen_two_seconds_later(pool: Pool, connection: Connection, vault: Vault) -> None:
    now = [0.0]
    watch = CatalogueWatch(pool, vault, clock=lambda: now[0])
    assert await watch.current() == Catalogue()
    await seed(connection, vault)
    assert await watch.current() == Catalogue()
    now[0] = FRESH
    assert (await watch.current()).can_choose("autre")
    await append(connection, [command(SubjectRetired(subject="autre"), stream_id=CATALOGUE_STREAM)], vault)
    now[0] = FRESH * 2
    assert not (await watch.current()).can_choose("autre")


async def test_the_last_known_serves_while_the_database_is_away(
    database_url: str, connection: Connection, vault: Vault
) -> None:
    await seed(connection, vault)
    now = [0.0]
    async with WireCutter(database_url).running() as wire:
        through = await connect_pool(wire.url, "cecoia_intake", name="tests away", size=2)
        watch = CatalogueWatch(through, Vault(through), clock=lambda: now[0])
        known = await watch.current()
        wire.refuses = True
        wire.cut()
        now[0] = FRESH
        assert await watch.current() == known
        await through.close()
