"""The write side and the read side on one journal, spoken to over HTTP by people with every role there is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from joserfc.jwk import ECKey
from litestar import Litestar

from services.intake.app import make_app
from services.intake.seed import seed
from services.query.app import create_app
from services.query.projections.following import end
from services.query.projections.projector import Projector
from services.query.projections.registry import PROJECTIONS
from shared.database import Pool, connect_pool
from shared.journal.append import append
from shared.journal.sealing import Vault
from shared.settings import Settings
from tests.support.history import command, routed
from tests.support.identity import IdentityProvider
from tests.support.intake import CATALOGUE, FORM, KNOWN_ERROR, NEWS, one_provider  # noqa: F401
from tests.support.serving import served
from tests.support.settings import service_variables
from tests.support.waiting import until

#: Account, roles and groups of one actor for each role; `own` asked for the incident, `foreign` did not.
ACTORS: Final[dict[str, tuple[str, list[str], list[str]]]] = {
    "roleless": ("paul.passant", [], []),
    "reporting": ("entrepot", ["reporting"], []),
    "foreign": ("hugo.petit", ["requester"], []),
    "own": ("claire.martin", ["requester"], []),
    "agent": ("nadia.benali", ["agent"], ["messagerie"]),
    "elsewhere": ("lucas.morel", ["agent"], ["reseau"]),
    "supervisor": ("sophie.durand", ["supervisor"], []),
}


class House:
    """Both services while they run, and who may speak to them.

    Attributes:
        apps: the applications by name.
        addresses: where each answers.
    """

    def __init__(
        self, provider: IdentityProvider, pool: Pool, apps: dict[str, Litestar], addresses: dict[str, str]
    ) -> None:
        self.apps, self.addresses = apps, addresses
        self._provider, self._pool = provider, pool
        self._client = httpx.AsyncClient(trust_env=False, timeout=30)

    def bearer(self, actor: str, **claims: Any) -> dict[str, str]:
        """The header that makes a request that actor's."""
        sub, roles, groups = ACTORS[actor]
        return self._provider.bearer(sub, **{"roles": roles, "groups": groups, **claims})

    def strangers(self) -> list[dict[str, str]]:
        """Headers of those who are nobody: no token, none at all, and tokens that would be a supervisor's if good."""
        return [
            {},
            {"Authorization": "Basic c29waGllOmRlbW8="},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer a.b.c"},
            self.bearer("supervisor", key=ECKey.generate_key("P-256", auto_kid=True)),
            self.bearer("supervisor", lasts=-120),
            self.bearer("supervisor", aud="another"),
            self.bearer("supervisor", iss="https://identity.example"),
            self.bearer("supervisor", typ="JWT"),
        ]

    async def ask(
        self, service: str, method: str, path: str, headers: dict[str, str] | None = None, **request: Any
    ) -> httpx.Response:
        """One request; of an answer without end only the head is read."""
        address = self.addresses[service] + path
        async with self._client.stream(method, address, headers=headers, **request) as answer:
            if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                await answer.aread()
            return answer

    async def incident(self, actor: str = "own", **changes: Any) -> str:
        """The number of a new incident that already went to the group `messagerie`."""
        answer = await self.ask("intake", "POST", "/v1/incidents", self.bearer(actor), json=FORM | changes)
        created = answer.raise_for_status().json()
        async with self._pool.acquire() as connection:
            await append(connection, [command(routed("messagerie"), stream_id=created["id"])], Vault(self._pool))
        return str(created["number"])

    async def known_error(self) -> str:
        """The number of a new known error, which readers know by now."""
        return str((await self._published("/v1/known-errors", KNOWN_ERROR))["number"])

    async def news(self) -> str:
        """The id of a new news, which readers know by now."""
        return str((await self._published("/v1/news", NEWS))["id"])

    async def _published(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.ask("intake", "POST", path, self.bearer("supervisor"), json=body)
        headers = self.bearer("own") | {"Min-Event-Position": answer.raise_for_status().headers["Event-Position"]}
        (await self.ask("query", "GET", path, headers)).raise_for_status()
        published: dict[str, Any] = answer.json()
        return published

    async def close(self) -> None:
        await self._client.aclose()


@pytest.fixture
def settings(database_url: str, redis_url: str, provider: IdentityProvider, tmp_path: Path) -> Settings:
    given = service_variables(tmp_path, database_url, redis_url, provider.issuer)
    return Settings.read(given | {"CECOIA_LIMITS": "off"})


@pytest.fixture
async def house(settings: Settings, provider: IdentityProvider) -> AsyncIterator[House]:
    """Everything that answers over HTTP, and the projector that it reads from."""
    await seed(settings, CATALOGUE)
    apps = {"intake": make_app(settings), "query": create_app(settings)}
    async with AsyncExitStack() as stack:
        pools = [await connect_pool(settings.database_url, role, name="test", size=4) for role in _ROLES]
        for pool in pools:
            stack.callback(pool.terminate)
        writing, reading = pools
        projector = Projector(reading, Vault(reading), settings.redis_url, PROJECTIONS)
        stack.push_async_callback(end, asyncio.create_task(projector.run()))
        addresses = {name: await stack.enter_async_context(served(app)) for name, app in apps.items()}
        stack.callback(apps["query"].state.context.hub.close)
        house = House(provider, writing, apps, addresses)
        stack.push_async_callback(house.close)
        await until(lambda: is_ready(house), 60)
        yield house


_ROLES: Final = ("cecoia_intake", "cecoia_query")


async def is_ready(house: House) -> bool:
    return (await house.ask("query", "GET", "/health/ready")).status_code == httpx.codes.OK
