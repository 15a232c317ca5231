"""News in the portal, without a script: read, published, followed, withdrawn."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.portal.conftest import Person
from tests.integration.portal.services import NOW, World, news_item
from tests.integration.portal.test_following import INCIDENT, created

NEW = "/news/nouvelle"
TYPED = {"title": "Coupure", "text": "Depuis 8 h.", "subject": "messagerie.acces", "until": ""}


@pytest.fixture
async def nadia(browser: Callable[[], Person]) -> Person:
    """Nadia Benali, an agent, signed in."""
    person = browser()
    await person.sign_in("nadia.benali")
    return person


async def shown(person: Person, address: str) -> str:
    answer = await person.browser.get(address, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_everybody_reads_them_on_the_front_page_in_the_list_and_on_incidents(
    claire: Person, world: World
) -> None:
    news = news_item()
    world.news.append(news)
    await created(claire)
    world.incidents["1261124_0001"] |= {"news": [news]}
    for address in ("/", "/news", f"/news/{news['id']}", INCIDENT):
        page = await shown(claire, address)
        assert "Coupure du réseau" in page, address
        assert "2\u00a0personnes concernées" in page, address
        assert f'action="/news/{news["id"]}/suivre"' in page, address
        assert NEW not in page
        assert 'id="retirer"' not in page
    assert (await claire.browser.get(NEW)).status_code == 403
    assert (await claire.browser.get("/news/rien")).status_code == 404


async def test_an_agent_publishes_once_until_the_end_of_a_day(nadia: Person, world: World) -> None:
    form = await nadia.form(NEW, NEW)
    empty = await nadia.post(NEW, form | TYPED | {"title": ""})
    assert (empty.status_code, "Dites en une ligne ce qui se passe" in empty.text) == (422, True)
    wrong = await nadia.post(NEW, form | TYPED | {"until": "demain"})
    assert (wrong.status_code, "Choisissez un jour" in wrong.text) == (422, True)
    for _ in range(2):
        sent = await nadia.post(NEW, form | TYPED | {"until": "2026-12-24"})
    (news,) = world.news
    assert sent.headers["location"] == f"/news/{news['id']}?avis=publiee"
    assert (news["subjects"], news["until"]) == (["messagerie.acces"], "2026-12-25T00:00:00+01:00")


async def test_one_click_says_that_it_concerns_oneself(claire: Person, world: World) -> None:
    news = news_item()
    world.news.append(news)
    address = f"/news/{news['id']}/suivre"
    form = await claire.form("/", address)
    sent = await claire.browser.post(address, data=form)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/#news-{news['id']}")
    assert world.told == [{"follow": {}}]
    assert "Vous suivez cette news" in await shown(claire, "/")
    assert (await claire.browser.post(address, data=form | {"csrf": "x"})).status_code == 403
    away = await claire.browser.post(address, data=form | {"back": "//ailleurs.example"})
    assert away.headers["location"] == f"/#news-{news['id']}"


async def test_what_ended_meanwhile_is_told(claire: Person, world: World) -> None:
    news = news_item()
    world.news.append(news)
    address = f"/news/{news['id']}/suivre"
    form = await claire.form("/", address)
    news |= {"current": False, "withdrawn_at": NOW}
    sent = await claire.browser.post(address, data=form)
    assert "n’est plus d’actualité" in await shown(claire, sent.headers["location"])


@pytest.mark.parametrize(("text", "body"), [("Rétabli.", {"text": "Rétabli."}), (" ", {})])
async def test_an_agent_withdraws_it_with_or_without_a_last_word(
    nadia: Person, world: World, text: str, body: dict[str, str]
) -> None:
    news = news_item()
    world.news.append(news)
    page, address = f"/news/{news['id']}", f"/news/{news['id']}/retrait"
    sent = await nadia.post(address, await nadia.form(page, address) | {"text": text})
    assert sent.headers["location"] == f"{page}?avis=retiree#avis"
    assert world.told == [{"withdraw": body}]
    assert 'id="retirer"' not in await shown(nadia, page)
