"""Signing in leads nowhere else, hands no session over, and every answer tells the browser to be careful."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest
from litestar import Litestar
from msgspec import structs

from services.portal.access.session import BROWSER_COOKIE, COOKIE
from services.portal.app import create_app
from services.portal.pages.create import PAGE
from shared.settings import Settings
from tests.integration.portal.conftest import PORTAL, Person
from tests.support.serving import served

MakePerson = Callable[[], Person]

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https://evil.example",
    "HTTPS:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "/\n/evil.example",
    "\n//evil.example",
    " //evil.example",
    "/\r\nSet-Cookie: cecoia_session=x",
    "/\r\n\r\n<script>",
    "/\u2028/evil.example",
    "/\u0085/evil.example",
    "@evil.example",
    ".evil.example",
    "",
]
#: These stay here whatever a browser makes of them.
HERE = ["/%2f%2fevil.example", "/%5c%5cevil.example", "/.//evil.example", "/%0d%0aSet-Cookie:x=y", "/?x=//evil.example"]


@pytest.mark.parametrize("address", [*ELSEWHERE, *HERE], ids=ascii)
async def test_signing_in_leads_to_a_page_of_ours(browser: MakePerson, address: str) -> None:
    person = browser()
    asked = await person.browser.get("/connexion/aller", params={"retour": address})
    assert urlsplit(asked.headers["location"]).netloc == "127.0.0.1:8003"
    door = str(asked.request.url).removeprefix(str(person.browser.base_url)).lstrip("/")
    back = await person.sign_in("claire.martin", door=f"/{door}")
    assert back.headers["location"] == (address if address in HERE else "/")
    given = {cookie.partition(";")[0] for cookie in back.headers.get_list("set-cookie")}
    assert not given & {"cecoia_session=x", "x=y"}
    again = await person.browser.get("/connexion", params={"retour": address})
    assert again.headers["location"] == (address if address in HERE else "/")


@pytest.mark.parametrize("address", ELSEWHERE, ids=ascii)
async def test_the_door_offers_no_way_to_another_site(browser: MakePerson, address: str) -> None:
    page = await browser().browser.get("/connexion", params={"retour": address})
    assert page.status_code == 200
    assert "evil.example" not in page.text
    assert 'href="/connexion/aller?retour=/"' in page.text or 'name="retour" value="/"' in page.text


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example/incidents", "/%0d%0aLocation:%20https:evil.example"]
)
async def test_no_address_of_ours_leads_elsewhere(
    claire: Person, portal: Litestar, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """An address that a browser would take for another site's comes back from nowhere, renewed tokens included."""
    sessions, name = portal.state.site.sessions, claire.browser.cookies[COOKIE]
    session = await sessions.load(name)

    async def outrun(_name: str) -> None:
        await sessions.renew(name, structs.replace(session, access_token="newer"))

    await sessions.renew(name, structs.replace(session, access_token="old"))
    monkeypatch.setattr(sessions, "position", outrun)
    answer = await claire.browser.get(f"{claire.browser.base_url}{path}")
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert where.startswith("/")
    assert not where.startswith("//")


async def test_a_session_that_was_planted_before_signing_in_is_nobody_s(browser: MakePerson) -> None:
    victim, thief = browser(), browser()
    victim.browser.cookies.set(COOKIE, "planted")
    answer = await victim.sign_in("claire.martin")
    given = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}=")]
    assert len(given) == 1
    assert "planted" not in given[0]
    thief.browser.cookies.set(COOKIE, "planted")
    assert (await thief.browser.get("/incidents")).status_code == 303


async def test_a_session_of_somebody_else_ends_when_another_signs_in_over_it(browser: MakePerson) -> None:
    """A thief who plants their own session gains nothing from what the victim does afterwards."""
    thief, victim = browser(), browser()
    await thief.sign_in("hugo.petit")
    planted = thief.browser.cookies[COOKIE]
    victim.browser.cookies.set(COOKIE, planted)
    await victim.sign_in("claire.martin")
    assert (await thief.browser.get("/incidents")).status_code == 303


async def test_what_was_typed_in_a_browser_that_was_planted_stays_its_writer_s(
    browser: MakePerson, portal: Litestar
) -> None:
    thief, victim = browser(), browser()
    await thief.sign_in("hugo.petit")
    victim.browser.cookies.set(BROWSER_COOKIE, thief.browser.cookies[BROWSER_COOKIE])
    await victim.sign_in("claire.martin")
    form = await victim.new_form()
    victim.browser.cookies.delete(COOKIE)
    kept = await victim.post(PAGE, form | {"description": "Le secret de Claire"})
    assert kept.status_code == 303
    seen = await thief.browser.get(f"{PAGE}?brouillon={form['draft']}", follow_redirects=True)
    assert seen.status_code == 200
    assert "Le secret de Claire" not in seen.text


async def test_every_answer_tells_the_browser_to_be_careful(claire: Person, browser: MakePerson) -> None:
    nobody = browser()
    answers = [
        await nobody.browser.get("/connexion"),
        await nobody.browser.get("/"),
        await nobody.browser.get("/nowhere"),
        await nobody.browser.get("/schema"),
        await nobody.browser.get("/health/live"),
        await nobody.browser.post("/preferences", headers={"Origin": "https://evil.example"}),
        await nobody.browser.get("/" + "x" * 60_000),
        await claire.browser.get("/"),
        await claire.browser.get("/incidents/nouveau", follow_redirects=True),
        await claire.browser.get("/rapports"),
        await claire.browser.get("/incidents/1/documents/1"),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy, answer.request.url
        assert "default-src 'self'" in policy or "default-src 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize(("address", "secure"), [("https://assistance.example", True), (PORTAL, False)])
async def test_cookies_are_closed_to_scripts_and_to_other_sites(settings: Settings, address: str, secure: bool) -> None:
    app = create_app(structs.replace(settings, portal_url=address))
    async with served(app) as where, httpx.AsyncClient(base_url=where, trust_env=False) as client:
        chosen = await client.post("/preferences", data={"theme": "dark"})
        begun = await client.get("/connexion/aller")
    cookies = [*chosen.headers.get_list("set-cookie"), *begun.headers.get_list("set-cookie")]
    assert len(cookies) >= 3
    for cookie in cookies:
        words = {word.strip().lower() for word in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= words
        assert ("secure" in words) is secure
        assert not any(word.startswith("domain") for word in words)


@pytest.mark.parametrize(
    "path",
    [
        "/static/x/../app.py",
        "/static/x/..%2fapp.py",
        "/static/x/%2e%2e/%2e%2e/app.py",
        "/static/../services/portal/app.py",
        "/static/x//etc/passwd",
        "/static/x/%2fetc%2fpasswd",
        "/static/x/js/..%5c..%5capp.py",
        "/schema/files/..%2f..%2fapp.py",
        "/schema/files/%2fetc%2fpasswd",
    ],
)
async def test_no_file_is_served_but_those_of_the_look(portal: Litestar, path: str) -> None:
    """Sent as it stands: clients tidy such addresses up by themselves."""
    url = httpx.URL(portal.state.address)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(30):
        answer = (await reader.read()).decode(errors="replace")
    writer.close()
    assert answer.split(" ")[1] == "404"
    assert "root:" not in answer
    assert "import" not in answer


async def test_no_other_site_may_read_what_we_answer(claire: Person) -> None:
    for method, address in (("GET", "/incidents"), ("OPTIONS", "/incidents"), ("OPTIONS", "/incidents/nouveau")):
        headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        answer = await claire.browser.request(method, address, headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control-")]
