"""What one address may do while nobody is signed in."""

from collections.abc import Callable

import pytest
from msgspec import structs
from redis.asyncio import Redis

from services.portal import site
from shared.settings import Settings
from tests.integration.portal.conftest import Person

MakePerson = Callable[[], Person]


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(site, "SIGN_INS", 2)
    monkeypatch.setattr(site, "GUEST_POSTS", 2)
    return structs.replace(settings, limits=True, proxies=1)


async def test_sign_ins_are_bounded_for_an_address_whatever_the_browser(browser: MakePerson, redis_url: str) -> None:
    for _ in range(2):
        assert (await browser().browser.get("/connexion/aller")).status_code == 303
    answer = await browser().browser.get("/connexion/aller")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "Trop de demandes" in answer.text
    async with Redis.from_url(redis_url) as redis:
        assert len([key async for key in redis.scan_iter("portal:signin:*")]) == 2
    elsewhere = await browser().browser.get("/connexion/aller", headers={"X-Forwarded-For": "192.0.2.7"})
    assert elsewhere.status_code == 303


async def test_forms_of_guests_are_bounded_and_those_of_people_are_not(claire: Person, browser: MakePerson) -> None:
    statuses = [(await browser().browser.post("/preferences", data={"theme": "dark"})).status_code for _ in range(3)]
    assert statuses == [303, 303, 429]
    fields = await claire.form("/preferences", "/preferences")
    statuses = [(await claire.browser.post("/preferences", data=fields)).status_code for _ in range(3)]
    assert statuses == [303, 303, 303]
