"""Who may open and send what: every route of the portal and of the demo's identity provider, against one table.

Intake and query behind the portal are the real ones; sessions lie in Redis as signing in would have left them.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from deploy.demo.identity import build
from services.portal.access.session import BROWSER_COOKIE, COOKIE, Session, new_name, person_owner
from services.portal.app import create_app
from services.portal.upstream.http import Service
from shared.events.vocabulary import Role
from shared.http import patience
from shared.settings import Settings
from tests.intruders.conftest import ACTORS, House
from tests.intruders.portal.test_slowness import MULTIPART, field, posted
from tests.intruders.test_roles import COLUMNS, METHODS, differences, document_of, lines, routes
from tests.support.identity import IdentityProvider
from tests.support.serving import served

pytestmark = pytest.mark.slow

#: 303 leads nobody to the door, and everybody else on.
TABLE: Final = """
                                                             nobody roleless reporting foreign own agent elsewhere supervisor
GET  /                                                       303    200      200       200     200 200   200       200
GET  /accessibilite                                          200    200      200       200     200 200   200       200
GET  /aide                                                   200    200      200       200     200 200   200       200
GET  /donnees                                                200    200      200       200     200 200   200       200
GET  /donnees/export                                         303    403      403       200     200 200   200       200
GET  /plan                                                   200    200      200       200     200 200   200       200
GET  /news                                                   303    200      200       200     200 200   200       200
GET  /news/nouvelle                                          303    403      403       403     403 200   200       200
GET  /news/{news:str}                                        303    200      200       200     200 200   200       200
GET  /news/{news:str}/{form:str}                             303    303      303       303     303 303   303       303
POST /news/nouvelle                                          303    403      403       403     403 422   422       422
POST /news/{news:str}/retrait                                303    403      403       403     403 303   303       303
POST /news/{news:str}/suivre                                 303    403      403       303     303 303   303       303
GET  /preferences                                            200    200      200       200     200 200   200       200
GET  /appels/nouveau                                         303    403      403       403     403 303   303       303
GET  /appels/personnes                                       303    403      403       403     403 200   200       200
GET  /appels/{number:str}                                    303    403      403       403     403 200   200       200
GET  /catalogue                                              303    403      403       403     403 403   403       200
GET  /catalogue/catalogue.toml                               303    403      403       403     403 403   403       200
GET  /catalogue/fichier                                      303    403      403       403     403 403   403       200
GET  /catalogue/historique                                   303    403      403       403     403 403   403       200
GET  /catalogue/{part:str}                                   303    403      403       403     403 403   403       200
GET  /catalogue/{part:str}/{code:str}                        303    403      403       403     403 403   403       200
GET  /connexion                                              200    303      303       303     303 303   303       303
GET  /connexion/aller                                        303    303      303       303     303 303   303       303
GET  /connexion/retour                                       303    303      303       303     303 303   303       303
GET  /erreurs-connues                                        303    200      200       200     200 200   200       200
GET  /erreurs-connues/nouvelle                               303    403      403       403     403 200   200       200
GET  /erreurs-connues/{number:str}                           303    200      200       200     200 200   200       200
GET  /erreurs-connues/{number:str}/retrait                   303    303      303       303     303 303   303       303
POST /erreurs-connues/nouvelle                               303    403      403       403     403 422   422       422
POST /erreurs-connues/suggestions                            303    200      200       200     200 200   200       200
POST /erreurs-connues/{number:str}/retrait                   303    403      403       403     403 303   303       303
GET  /files                                                  303    403      403       403     403 200   200       200
GET  /files/{group:str}                                      303    403      403       403     403 303   404       303
GET  /files/{group:str}/alors                                303    403      403       403     403 200   404       200
GET  /files/toutes                                           303    403      403       403     403 303   200       303
GET  /flux                                                   204    200      200       200     200 200   200       200
GET  /incidents                                              303    403      403       200     200 200   200       200
GET  /incidents/nouveau                                      303    303      303       303     303 303   303       303
GET  /incidents/ouverts                                      303    200      200       200     200 200   200       200
GET  /incidents/{number:str}                                 303    403      403       404     200 200   200       200
GET  /incidents/{number:str}/confirmation                    303    403      403       404     200 200   200       200
GET  /incidents/{number:str}/documents/{document:str}        303    403      403       404     200 200   200       200
GET  /incidents/{number:str}/parcours                        303    403      403       404     200 200   200       200
GET  /incidents/{number:str}/{form:str}                      303    303      303       303     303 303   303       303
GET  /rapports                                               303    403      200       403     403 403   403       200
GET  /rapports/donnees                                       303    403      200       403     403 403   403       200
GET  /rapports/donnees/{name:str}                            303    403      200       403     403 403   403       200
GET  /rapports/evenements                                    303    403      200       403     403 403   403       200
GET  /rapports/{name:str}                                    303    403      200       403     403 403   403       200
GET  /rapports/{name:str}/csv                                303    403      200       403     403 403   403       200
GET  /rapports/{name:str}/detail                             303    403      200       403     403 403   403       200
GET  /webhooks                                               303    403      403       403     403 403   403       200
GET  /static/{version:str}/{name:path}                       200    200      200       200     200 200   200       200
GET  /{rest:path}                                            404    404      404       404     404 404   404       404
POST /appels/nouveau                                         303    403      403       403     403 422   422       422
POST /brouillon/{draft:str}                                  403    200      200       200     200 200   200       200
POST /brouillon/{draft:str}/fichiers                         303    200      200       200     200 200   200       200
POST /catalogue/fichier                                      303    403      403       403     403 403   403       422
POST /catalogue/{part:str}                                   303    403      403       403     403 403   403       422
POST /catalogue/{part:str}/{code:str}                        303    403      403       403     403 403   403       422
POST /catalogue/{part:str}/{code:str}/retrait                303    403      403       403     403 403   403       303
POST /deconnexion                                            303    303      303       303     303 303   303       303
POST /files/lot                                              303    403      403       403     403 303   303       303
POST /files/lot/{lot:str}/annuler                            303    403      403       403     403 303   303       303
POST /files/suivant                                          303    403      403       403     403 303   303       303
POST /files/vues                                             303    403      403       403     403 303   303       303
POST /files/vues/{saved:uuid}/retirer                        303    403      403       403     403 303   303       303
POST /incidents/nouveau                                      303    403      403       422     422 422   422       422
POST /incidents/{number:str}/actions/{command:str}           303    403      403       403     403 303   403       303
POST /incidents/{number:str}/{form:str}                      303    403      403       404     303 303   303       303
POST /preferences                                            303    303      303       303     303 303   303       303
POST /rapports/enregistres                                   303    403      303       403     403 403   403       303
POST /rapports/enregistres/{saved:uuid}/renommer             303    403      303       403     403 403   403       303
POST /rapports/enregistres/{saved:uuid}/retirer              303    403      303       403     403 403   403       303
POST /webhooks                                               303    403      403       403     403 403   403       422
POST /webhooks/{webhook:str}/{command:str}                   303    403      403       403     403 403   403       404
"""
#: The address that a form posts to, opened by hand, leads to the page of the form, which then leads to the door.
LED_ON: Final = {"GET /incidents/{number:str}/{form:str}", "POST /preferences"}
#: What the identity provider answers to somebody who sends nothing with the request.
IDENTITY: Final = {
    "GET /.well-known/openid-configuration": 200,
    "GET /jwks": 200,
    "GET /health/live": 200,
    "GET /health/ready": 200,
    "GET /authorize": 400,
    "POST /authorize": 400,
    "GET /logout": 303,
    "POST /token": 400,
    "GET /static/{file_path:path}": 404,
    "HEAD /static/{file_path:path}": 404,
}


class Somebody:
    """A browser with a session of its own.

    Attributes:
        csrf: what its forms carry.
        cookies: as its header says them.
        draft: a form that was shown to this person.
    """

    def __init__(self, address: str, csrf: str, draft: str, cookies: dict[str, str]) -> None:
        self.csrf, self.draft = csrf, draft
        self.cookies = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self._client = httpx.AsyncClient(base_url=address, trust_env=False, timeout=30)

    async def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One request; nothing is followed, and of an answer without end only the head is read."""
        self._client.cookies.clear()
        async with self._client.stream(method, path, headers={"Cookie": self.cookies}, **request) as answer:
            if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                await answer.aread()
            return answer

    async def close(self) -> None:
        await self._client.aclose()


Enter = Callable[[str], Awaitable[Somebody]]


@pytest.fixture
async def portal(house: House, settings: Settings) -> AsyncIterator[Litestar]:
    services = {name: Service(name, address) for name, address in house.addresses.items()}
    app = create_app(settings, **services)
    async with served(app) as address:
        app.state.address = address
        yield app


@pytest.fixture
async def enter(portal: Litestar, provider: IdentityProvider) -> AsyncIterator[Enter]:
    """Make somebody for each actor: `await enter("agent")`; `nobody` has no session."""
    site, opened = portal.state.site, []

    async def session(actor: str, browser: str) -> Session:
        sub, roles, groups = ACTORS[actor]
        issuer = provider.issuer
        return Session(
            issuer=issuer,
            sub=sub,
            name=sub,
            email=f"{sub}@cecoia.example",
            roles=frozenset(map(Role, roles)),
            groups=frozenset(groups),
            csrf=await site.sessions.form_token(person_owner(issuer, sub), browser),
            access_token=provider.token(sub, roles=roles, groups=groups),
            refresh_token=None,
            id_token="",
            token_expires_at=time.time() + 600,
            ends_at=time.time() + 600,
        )

    async def make(actor: str) -> Somebody:
        cookies, csrf, draft = {BROWSER_COOKIE: new_name()}, "", new_name()[:22]
        if actor != "nobody":
            begun = await session(actor, cookies[BROWSER_COOKIE])
            cookies[COOKIE], csrf = await site.sessions.open(begun), begun.csrf
            await site.drafts.promise(begun.owner, draft)
        opened.append(Somebody(portal.state.address, csrf, draft, cookies))
        return opened[-1]

    yield make
    for one in opened:
        await one.close()


async def address(house: House, portal: Litestar, path: str, somebody: Somebody) -> str:
    """The address of a route, about an incident of its own where it is about one."""
    if path.startswith("/static/"):
        return str(portal.state.site.assets.address("theme.css"))
    number = await subject_of(house, path)
    if path.endswith("/detail"):
        path += "?column=created"
    values = {
        "number:str": number,
        "document:str": await document_of(house, number) if "{document:str}" in path else "",
        "group:str": "messagerie",
        "news:str": await house.news() if "{news:str}" in path else "",
        "form:str": "maj",
        "command:str": "remove" if "webhooks" in path else "take",
        "webhook:str": str(uuid4()),
        "part:str": "objets",
        "code:str": "messagerie.acces",
        "draft:str": somebody.draft,
        "lot:str": somebody.draft,
        "saved:uuid": "00000000-0000-4000-8000-000000000000",
        "rest:path": "nowhere/at/all",
        "path:str": "nowhere",
        "name:str": _named(path),
    }
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def _named(path: str) -> str:
    """What stands for the name in an address: a table, a report, or a file of the schema."""
    if path.startswith("/rapports/donnees"):
        return "incidents"
    return "volumes" if path.startswith("/rapports") else "swagger-ui.css"


async def subject_of(house: House, path: str) -> str:
    """The number of what a route is about, made for it: an incident, or a known error; empty where it is about none."""
    if "{number:str}" not in path:
        return ""
    return await house.known_error() if path.startswith("/erreurs-connues/") else await house.incident()


def sent(method: str, somebody: Somebody) -> dict[str, Any]:
    """What a form of that person sends."""
    return {"data": {"csrf": somebody.csrf, "text": "Voici."}} if method == "POST" else {}


async def test_every_route_answers_each_role_as_the_table_says(house: House, portal: Litestar, enter: Enter) -> None:
    expected, found = lines(TABLE), {}
    known = {f"{method} {path}" for path, some in routes(portal) for method in some - {"OPTIONS"}}
    assert known == set(expected)
    for line in expected:
        method, path = line.split()
        found[line] = {}
        for actor in COLUMNS:
            somebody = await enter(actor)
            where = await address(house, portal, path, somebody)
            answer = await somebody.ask(method, where, **sent(method, somebody))
            found[line][actor] = answer.status_code
    assert differences(found, expected) == []


async def test_nobody_is_led_to_the_door(house: House, portal: Litestar, enter: Enter) -> None:
    nobody, found = await enter("nobody"), {}
    for line, statuses in lines(TABLE).items():
        method, path = line.split()
        if statuses["nobody"] == 303 and not path.startswith("/connexion"):
            answer = await nobody.ask(method, await address(house, portal, path, nobody), **sent(method, nobody))
            found[line] = answer.headers["location"].split("?")[0]
    assert {line for line, where in found.items() if where != "/connexion"} == LED_ON


async def test_no_other_method_is_answered(house: House, portal: Litestar, enter: Enter) -> None:
    somebody, found = await enter("supervisor"), {}
    for path, known in routes(portal):
        for method in METHODS - known:
            answer = await somebody.ask(method, await address(house, portal, path, somebody))
            found[f"{method} {path}"] = answer.status_code
    assert {line: status for line, status in found.items() if status != 405} == {}


async def test_a_document_that_drips_is_let_go_by_both_services(
    house: House, portal: Litestar, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The portal passes a document on while it comes; who sends it too slowly holds neither service."""
    own = await enter("own")
    monkeypatch.setattr(patience, "STILL", 1.0)
    file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    address, begin = portal.state.address, field("csrf", own.csrf) + file
    status, _ = await posted(address, own.cookies, "/incidents/nouveau", begin, MULTIPART)
    assert status == 408
    for service in ("intake", "query"):
        assert (await house.ask(service, "GET", "/health/ready")).status_code == 200


async def test_the_demo_identity_provider_gives_strangers_nothing(settings: Settings) -> None:
    provider = build(settings)
    known = {f"{method} {path}" for path, some in routes(provider) for method in some - {"OPTIONS"}}
    assert known == set(IDENTITY)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(provider), base_url=settings.oidc_issuer) as client:
        found = {}
        for line in IDENTITY:
            method, path = line.split()
            found[line] = (await client.request(method, path.replace("{file_path:path}", "nothing"))).status_code
    assert found == IDENTITY
