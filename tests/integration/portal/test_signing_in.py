import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from litestar import Litestar
from msgspec import structs

from services.portal.access.oidc import Tokens
from services.portal.access.session import COOKIE
from tests.integration.portal.conftest import Person
from tests.integration.portal.services import World

MakePerson = Callable[[], Person]


async def test_a_stranger_is_led_to_the_door_and_back_to_where_they_wanted_to_go(browser: MakePerson) -> None:
    person = browser()
    sent = await person.browser.get("/incidents?status=open")
    assert (sent.status_code, sent.headers["location"]) == (303, "/connexion?retour=%2Fincidents%3Fstatus%3Dopen")
    door = await person.browser.get(sent.headers["location"])
    assert "/connexion/aller?retour=/incidents%3Fstatus%3Dopen" in door.text
    back = await person.sign_in("claire.martin", door="/connexion/aller?retour=/incidents%3Fstatus%3Dopen")
    assert (back.status_code, back.headers["location"]) == (303, "/incidents?status=open")
    assert "Suivi des incidents" in (await person.browser.get("/incidents")).text


async def test_the_request_to_the_provider_has_pkce_state_and_nonce_of_their_own(browser: MakePerson) -> None:
    person = browser()
    first, second = [
        parse_qs(urlsplit((await person.browser.get("/connexion/aller")).headers["location"]).query) for _ in range(2)
    ]
    assert first["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 32
        assert first[name] != second[name]


async def test_the_session_cookie_is_closed_to_scripts_and_new_at_each_sign_in(claire: Person) -> None:
    before = claire.browser.cookies[COOKIE]
    answer = await claire.sign_in("claire.martin")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE))
    assert "httponly" in cookie.lower()
    assert "samesite=lax" in cookie.lower()
    assert claire.browser.cookies[COOKIE] != before
    claire.browser.cookies.set(COOKIE, before, domain="127.0.0.1")
    claire.browser.cookies.delete(COOKIE, domain="127.0.0.1", path="/")
    claire.browser.cookies.set(COOKIE, before)
    assert (await claire.browser.get("/incidents")).status_code == 303


async def test_a_form_of_another_tab_can_be_sent_after_signing_in_again(claire: Person, browser: MakePerson) -> None:
    form = await claire.new_form()
    await claire.sign_in("claire.martin")
    answer = await claire.post("/incidents/nouveau", form | {"description": "À garder"})
    assert answer.status_code == 422
    assert "À garder</textarea>" in answer.text
    elsewhere = browser()
    await elsewhere.sign_in("claire.martin")
    assert (await elsewhere.new_form())["csrf"] != form["csrf"]
    await claire.sign_in("hugo.petit")
    assert (await claire.post("/incidents/nouveau", form)).status_code == 403


async def test_a_way_back_works_once_and_only_in_its_browser(browser: MakePerson) -> None:
    person, thief = browser(), browser()
    asked = await person.browser.get("/connexion/aller")
    state = parse_qs(urlsplit(asked.headers["location"]).query)["state"][0]
    stolen = await thief.browser.get(f"/connexion/retour?code=x&state={state}")
    assert "echec=delai" in stolen.headers["location"]
    again = await person.browser.get(f"/connexion/retour?code=x&state={state}")
    assert "echec=delai" in again.headers["location"]


async def test_a_code_that_the_provider_does_not_know_signs_nobody_in(browser: MakePerson) -> None:
    person = browser()
    asked = await person.browser.get("/connexion/aller")
    state = parse_qs(urlsplit(asked.headers["location"]).query)["state"][0]
    answer = await person.browser.get(f"/connexion/retour?code=forged&state={state}")
    assert "echec=refus" in answer.headers["location"]
    assert COOKIE not in person.browser.cookies


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_nobody_is_sent_to_another_site(browser: MakePerson, address: str) -> None:
    person = browser()
    asked = await person.browser.get("/connexion/aller", params={"retour": address})
    assert urlsplit(asked.headers["location"]).netloc == "127.0.0.1:8003"
    assert (await person.sign_in("claire.martin", door=f"/connexion/aller?retour={address}")).headers["location"] == "/"


async def test_signing_out_needs_the_form_and_ends_the_session_here_and_there(claire: Person) -> None:
    assert (await claire.browser.post("/deconnexion", data={"csrf": "guessed"})).status_code == 403
    fields = await claire.form("/aide", "/deconnexion")
    cookie = claire.browser.cookies[COOKIE]
    answer = await claire.browser.post("/deconnexion", data=fields)
    assert answer.headers["location"].startswith("http://127.0.0.1:8003/logout?")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    claire.browser.cookies.set(COOKIE, cookie)
    assert (await claire.browser.get("/")).status_code == 303


async def test_a_token_that_a_service_refuses_leads_to_the_door(claire: Person, world: World) -> None:
    world.refuse_token = True
    answer = await claire.browser.get("/incidents?q=mot")
    assert answer.headers["location"] == "/connexion?retour=%2Fincidents%3Fq%3Dmot"


async def test_an_expired_token_is_renewed_without_a_word(claire: Person, portal: Litestar) -> None:
    sessions = portal.state.site.sessions
    name = claire.browser.cookies[COOKIE]
    session = await sessions.load(name)
    await sessions.renew(name, structs.replace(session, access_token="old", token_expires_at=0.0))
    assert (await claire.browser.get("/incidents")).status_code == 200
    assert (await sessions.load(name)).access_token != "old"


async def test_a_session_that_cannot_be_renewed_ends(claire: Person, portal: Litestar) -> None:
    sessions = portal.state.site.sessions
    name = claire.browser.cookies[COOKIE]
    session = await sessions.load(name)
    await sessions.renew(name, structs.replace(session, refresh_token="forged", token_expires_at=0.0))
    assert (await claire.browser.get("/incidents")).status_code == 303
    assert await sessions.load(name) is None


async def test_a_slow_renewal_signs_nobody_out(
    claire: Person, portal: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several requests come while the tokens are renewed: one renews, the others wait for what it brings."""
    site, name = portal.state.site, claire.browser.cookies[COOKIE]
    session = await site.sessions.load(name)
    await site.sessions.renew(name, structs.replace(session, access_token="old", token_expires_at=0.0))
    renew, asked = site.provider.refresh, []

    async def slowly(refresh_token: str) -> Tokens:
        asked.append(refresh_token)
        await asyncio.sleep(1.0)
        tokens: Tokens = await renew(refresh_token)
        return tokens

    monkeypatch.setattr(site.provider, "refresh", slowly)
    answers = await asyncio.gather(*(claire.browser.get("/incidents") for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len(asked) == 1


async def test_a_refused_token_that_is_no_longer_the_session_s_costs_nothing(
    claire: Person, portal: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tokens are renewed by another request while this one still speaks with the old ones."""
    sessions, name = portal.state.site.sessions, claire.browser.cookies[COOKIE]
    session = await sessions.load(name)
    first = True

    async def outrun(_name: str) -> None:
        nonlocal first
        if first:
            await sessions.renew(name, session)
        first = False

    await sessions.renew(name, structs.replace(session, access_token="old"))
    monkeypatch.setattr(sessions, "position", outrun)
    answer = await claire.browser.get("/incidents?q=code")
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents?q=code")
    assert (await claire.browser.get(answer.headers["location"])).status_code == 200


async def test_roles_open_and_close_pages(claire: Person, browser: MakePerson) -> None:
    assert (await claire.browser.get("/rapports")).status_code == 403
    assert (await claire.browser.get("/files")).status_code == 403
    page = (await claire.browser.get("/")).text
    assert "Rapports" not in page
    nadia = browser()
    await nadia.sign_in("nadia.benali")
    assert (await nadia.browser.get("/files")).status_code == 200
