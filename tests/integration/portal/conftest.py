"""The portal on a real Redis and a real (demo) identity provider; intake and query are small stand-ins."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from litestar import Litestar

from deploy.demo.identity import build
from services.portal.access.oidc import Provider
from services.portal.app import create_app
from services.portal.upstream.http import Service
from shared.http.identity import TokenVerifier
from shared.settings import Settings
from tests.integration.portal.services import World, intake_of, query_of
from tests.support.serving import served

PORTAL = "http://127.0.0.1:8000"


class Person:
    """Somebody at a browser of their own: keeps cookies, fills forms in."""

    def __init__(self, portal: Litestar, identity: Litestar) -> None:
        self.browser = httpx.AsyncClient(base_url=portal.state.address, trust_env=False)
        self._identity = httpx.AsyncClient(transport=httpx.ASGITransport(identity))

    async def sign_in(self, name: str, *, door: str = "/connexion/aller?retour=/") -> httpx.Response:
        """Go through the identity provider; the answer is that of the way back."""
        asked = await self.browser.get(door)
        query = {key: values[0] for key, values in parse_qs(urlsplit(asked.headers["location"]).query).items()}
        target = f"http://127.0.0.1:8003{urlsplit(asked.headers['location']).path}"
        entered = await self._identity.post(target, data={**query, "username": name, "password": "demo"})
        return await self.browser.get(entered.headers["location"].removeprefix(PORTAL))

    async def form(self, address: str, action: str) -> dict[str, str]:
        """The hidden fields of the form of that page that posts to an address starting so."""
        page = await self.browser.get(address, follow_redirects=True)
        assert page.status_code == 200, page.text
        return hidden_fields(page.text, action)

    async def new_form(self) -> dict[str, str]:
        """The hidden fields of « Créer un incident »."""
        return await self.form("/incidents/nouveau", "/incidents/nouveau")

    async def post(self, address: str, fields: dict[str, str], *files: tuple[str, bytes]) -> httpx.Response:
        """Send a form as browsers do, its token first."""
        parts: list[tuple[str, Any]] = [(name, (None, value.encode())) for name, value in fields.items()]
        parts += [("file", (name, content, "image/png")) for name, content in files]
        return await self.browser.post(address, files=parts)

    async def close(self) -> None:
        await self.browser.aclose()
        await self._identity.aclose()


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """Hidden fields of the form whose action starts with `action`."""
    form = next(part for part in page.split("<form")[1:] if f'action="{action}' in part.split(">")[0])
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.split("</form>")[0])
    return {name: unescape(value) for name, value in fields}


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        database_url="",
        broker_url="",
        redis_url=redis_url,
        smtp_url="",
        documents_url="",
        oidc_issuer="http://127.0.0.1:8003",
        portal_url=PORTAL,
        intake_url="http://intake",
        query_url="http://query",
        limits=False,
        hotline="01 99 00 99 00",
    )


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def identity(settings: Settings) -> Litestar:
    return build(settings)


@pytest.fixture
async def portal(settings: Settings, world: World, identity: Litestar) -> AsyncIterator[Litestar]:
    provider = httpx.AsyncClient(transport=httpx.ASGITransport(identity))
    verifier = httpx.AsyncClient(transport=httpx.ASGITransport(identity))
    app = create_app(
        settings,
        intake=Service("intake", "http://intake", httpx.ASGITransport(intake_of(world))),
        query=Service("query", "http://query", httpx.ASGITransport(query_of(world))),
        provider=Provider(settings, provider),
        verifier=TokenVerifier(settings, verifier),
    )
    async with served(app) as address:
        app.state.address = address
        yield app


@pytest.fixture
async def browser(portal: Litestar, identity: Litestar) -> AsyncIterator[Callable[[], Person]]:
    """Make people who are not signed in, each with a browser of their own."""
    async with AsyncExitStack() as stack:

        def make() -> Person:
            person = Person(portal, identity)
            stack.push_async_callback(person.close)
            return person

        yield make


@pytest.fixture
async def claire(browser: Callable[[], Person]) -> Person:
    """Claire Martin, signed in."""
    person = browser()
    await person.sign_in("claire.martin")
    return person
