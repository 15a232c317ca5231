from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from litestar import Litestar

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
    assert answer.headers["clear-site-data"] == '"cache"'
    claire.browser.cookies.set(COOKIE, cookie)
    assert (await claire.browser.get("/")).status_code == 303


async def test_a_token_that_a_service_refuses_leads_to_the_door(claire: Person, world: World) -> None:
    world.refuse_token = True
    answer = await claire.browser.get("/incidents?q=mot")
    assert answer.headers["location"] == "/connexion?retour=%2Fincidents%3Fq%3Dmot"


async def test_an_expired_token_is_renewed_without_a_word(claire: Person, portal: Litestar) -> None:
    from msgspec import structs  # noqa: PLC0415

    sessions = portal.state.site.sessions
    name = claire.browser.cookies[COOKIE]
    session = await sessions.load(name)
    await sessions.renew(name, structs.replace(session, access_token="old", token_expires_at=0.0))
    assert (await claire.browser.get("/incidents")).status_code == 200
    assert (await sessions.load(name)).access_token != "old"


async def test_a_session_that_cannot_be_renewed_ends(claire: Person, portal: Litestar) -> None:
    from msgspec import structs  # noqa: PLC0415

    sessions = portal.state.site.sessions
    name = claire.browser.cookies[COOKIE]
    session = await sessions.load(name)
    await sessions.renew(name, structs.replace(session, refresh_token="forged", token_expires_at=0.0))
    assert (await claire.browser.get("/incidents")).status_code == 303
    assert await sessions.load(name) is None


async def test_roles_open_and_close_pages(claire: Person, browser: MakePerson) -> None:
    assert (await claire.browser.get("/rapports")).status_code == 403
    assert (await claire.browser.get("/files")).status_code == 403
    page = (await claire.browser.get("/")).text
    assert "Rapports" not in page
    nadia = browser()
    await nadia.sign_in("nadia.benali")
    assert (await nadia.browser.get("/files")).status_code == 200
