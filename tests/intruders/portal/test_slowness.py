"""Who fills a form in too slowly is told so, and the connection is given back."""

from __future__ import annotations

import httpx
import pytest
from litestar import Litestar

from shared.http import patience
from tests.integration.portal.conftest import Person
from tests.support.dripping import dripped

MULTIPART = "multipart/form-data; boundary=b"


def field(name: str, value: str) -> str:
    """A part of a form, open at its end."""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.removesuffix("\r\n" * (not value))


def cookies_of(person: Person) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.browser.cookies.jar)


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "STILL", 1.0)


async def posted(address: str, cookies: str, path: str, begin: str, kind: str) -> tuple[int, str]:
    """Status and answer to a form that begins so and then drips."""
    head = f"POST {path} HTTP/1.1\r\nHost: {httpx.URL(address).netloc.decode()}\r\nCookie: {cookies}\r\n"
    head += f"Content-Type: {kind}\r\nContent-Length: 1000000\r\n\r\n"
    answer = (await dripped(address, f"{head}{begin}".encode(), 15)).decode()
    return int(answer.split(" ", 2)[1]), answer


@pytest.mark.parametrize("address", ["/incidents/nouveau", "/preferences", "/brouillon/0123456789012345678901"])
async def test_a_form_that_drips(impatience: None, claire: Person, portal: Litestar, address: str) -> None:
    csrf = (await claire.new_form())["csrf"]
    door = str(claire.browser.base_url), cookies_of(claire)
    plain = await posted(*door, address, f"csrf={csrf}&description=", "application/x-www-form-urlencoded")
    parts = await posted(*door, address, f"{field('csrf', csrf)}{field('description', '')}", MULTIPART)
    for status, answer in (plain, parts):
        assert status == 408
        assert "Envoi trop lent" in answer
    assert (await claire.browser.get("/aide")).status_code == 200
