"""Who fills a form in too slowly is told so, and the connection is given back."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from litestar import Litestar

from shared.http import patience
from tests.integration.portal.conftest import Person

MULTIPART = "multipart/form-data; boundary=b"


def field(name: str, value: str) -> str:
    """A part of a form, open at its end."""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.removesuffix("\r\n" * (not value))


def cookies_of(person: Person) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.browser.cookies.jar)


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "STILL", 1.0)


async def dripped(address: str, cookies: str, path: str, begin: str, kind: str) -> tuple[int, str]:
    """Status and answer to a body that begins well and then brings one byte every tenth of a second, until the end."""
    url = httpx.URL(address)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST {path} HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nCookie: {cookies}\r\nContent-Type: {kind}\r\n"
    writer.write(f"{head}Content-Length: 1000000\r\n\r\n{begin}".encode())

    async def drip() -> None:
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.1)

    dripping = asyncio.create_task(drip())
    try:
        async with asyncio.timeout(15):
            answer = (await reader.read()).decode()
    finally:
        dripping.cancel()
        writer.close()
    return int(answer.split(" ", 2)[1]), answer


@pytest.mark.parametrize("address", ["/incidents/nouveau", "/preferences", "/brouillon/0123456789012345678901"])
async def test_a_form_that_drips(impatience: None, claire: Person, portal: Litestar, address: str) -> None:
    csrf = (await claire.new_form())["csrf"]
    door = str(claire.browser.base_url), cookies_of(claire)
    plain = await dripped(*door, address, f"csrf={csrf}&description=", "application/x-www-form-urlencoded")
    parts = await dripped(*door, address, f"{field('csrf', csrf)}{field('description', '')}", MULTIPART)
    for status, answer in (plain, parts):
        assert status == 408
        assert "Envoi trop lent" in answer
    assert (await claire.browser.get("/aide")).status_code == 200
