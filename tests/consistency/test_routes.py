"""Every route says who may call it, and what anybody may call is written down here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from litestar import Litestar

from services.intake.app import make_app
from services.portal.app import create_app as portal_app
from services.query.app import create_app as query_app
from shared.http.identity import PUBLIC, SIGNED_IN
from shared.settings import Settings
from tests.support.settings import NOWHERE

SETTINGS = Settings.read({"CECOIA_HOME": "unused", **NOWHERE})

OPEN_EVERYWHERE = {
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    "GET /schema",
    "GET /schema/openapi.json",
    "GET /schema/files/{name:str}",
    "GET /schema/{path:str}",
}
OPEN = {
    "intake": OPEN_EVERYWHERE,
    "query": OPEN_EVERYWHERE,
    "portal": OPEN_EVERYWHERE | {"GET /static/{version:str}/{name:path}"},
}
#: What whoever has signed in may call, whatever their role; everything else asks for one.
ANY_ROLE = {
    "intake": set(),
    "query": {
        "GET /v1/subjects",
        "GET /v1/news",
        "GET /v1/news/{one:uuid}",
        "GET /v1/known-errors",
        "GET /v1/known-errors/{number:str}",
        "POST /v1/known-errors/suggestions",
    },
}
#: What the portal shows to, or takes from, people who are not signed in (any more).
GUESTS = {
    "GET /connexion",
    "GET /connexion/aller",
    "GET /connexion/retour",
    "POST /deconnexion",
    "POST /incidents/nouveau",
    "POST /appels/nouveau",
    "POST /brouillon/{draft:str}",
    "POST /brouillon/{draft:str}/fichiers",
    "GET /incidents/{number:str}/{form:str}",
    "POST /incidents/{number:str}/{form:str}",
    "POST /incidents/{number:str}/actions/{command:str}",
    "POST /erreurs-connues/nouvelle",
    "POST /news/nouvelle",
    "POST /news/{news:str}/retrait",
    "POST /erreurs-connues/{number:str}/retrait",
    "GET /flux",
    "POST /catalogue/{part:str}",
    "POST /catalogue/{part:str}/{code:str}",
    "GET /preferences",
    "POST /preferences",
    "GET /aide",
    "GET /donnees",
    "GET /accessibilite",
    "GET /plan",
    "GET /{rest:path}",
}


def apps() -> dict[str, Litestar]:
    return {"intake": make_app(SETTINGS), "query": query_app(SETTINGS), "portal": portal_app(SETTINGS)}


def routes(app: Litestar) -> Iterator[tuple[str, object]]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            for method in handler.http_methods - {"OPTIONS"}:
                yield f"{method} {route.path}", handler.opt.get("access")


@pytest.mark.parametrize("service", ["intake", "query", "portal"])
def test_every_route_says_who_may_call_it(service: str) -> None:
    found = list(routes(apps()[service]))
    assert [name for name, access in found if access is None] == []
    assert {name for name, access in found if access == PUBLIC} == OPEN[service]
    others = {name for name, access in found if access not in {PUBLIC, SIGNED_IN} and not isinstance(access, frozenset)}
    assert others == (GUESTS if service == "portal" else set())


@pytest.mark.parametrize("service", ["intake", "query"])
def test_services_ask_for_a_role(service: str) -> None:
    assert {name for name, access in routes(apps()[service]) if access == SIGNED_IN} == ANY_ROLE[service]
