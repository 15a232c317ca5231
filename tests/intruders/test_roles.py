"""Who may do what: every route of both services, tried by every role and by nobody, against one table.

The routes come from the applications. One that has no line in the table fails, and so does a line without a route.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from litestar import Litestar

from tests.intruders.conftest import ACTORS, House
from tests.support.intake import CATALOGUE, FORM, KNOWN_ERROR, NEWS

pytestmark = pytest.mark.slow

COLUMNS: Final = ("nobody", *ACTORS)
#: What everybody may ask of every service.
EVERYWHERE: Final = """
                                                             nobody roleless reporting foreign own agent elsewhere supervisor
GET  /health/live                                            200    200      200       200     200 200   200       200
GET  /health/ready                                           200    200      200       200     200 200   200       200
GET  /metrics                                                200    200      200       200     200 200   200       200
GET  /schema                                                 200    200      200       200     200 200   200       200
GET  /schema/openapi.json                                    200    200      200       200     200 200   200       200
GET  /schema/files/{name:str}                                200    200      200       200     200 200   200       200
GET  /schema/{path:str}                                      404    404      404       404     404 404   404       404
"""
#: Each line begins with an incident of its own, which waits for the group of `agent` and was taken by nobody.
TABLE: Final = {
    "intake": """
                                                             nobody roleless reporting foreign own agent elsewhere supervisor
POST /v1/incidents                                           401    403      403       201     201 201   201       201
POST /v1/uploads                                             401    403      403       201     201 201   201       201
POST /v1/catalogue/calendars/{code:str}                      401    403      403       403     403 403   403       201
POST /v1/catalogue/groups/{code:str}                         401    403      403       403     403 403   403       201
POST /v1/catalogue/subjects/{code:str}                       401    403      403       403     403 403   403       201
POST /v1/catalogue/subjects/{code:str}/retire                401    403      403       403     403 403   403       201
POST /v1/catalogue/canned-texts/{code:str}                   401    403      403       403     403 403   403       201
POST /v1/catalogue/canned-texts/{code:str}/retire            401    403      403       403     403 403   403       201
POST /v1/catalogue/difference                                401    403      403       403     403 403   403       200
POST /v1/catalogue/import                                    401    403      403       403     403 403   403       201
POST /v1/people/erase                                        401    403      403       403     403 403   403       404
POST /v1/webhooks                                            401    403      403       403     403 403   403       201
POST /v1/webhooks/{webhook:uuid}/test                        401    403      403       403     403 403   403       201
POST /v1/webhooks/{webhook:uuid}/disable                     401    403      403       403     403 403   403       201
POST /v1/webhooks/{webhook:uuid}/enable                      401    403      403       403     403 403   403       409
POST /v1/webhooks/{webhook:uuid}/remove                      401    403      403       403     403 403   403       201
POST /v1/incidents/{number:str}/updates                      401    403      403       404     201 201   201       201
POST /v1/incidents/{number:str}/documents                    401    403      403       404     201 201   201       201
POST /v1/incidents/{number:str}/take                         401    403      403       403     403 201   403       201
POST /v1/incidents/{number:str}/release                      401    403      403       403     403 409   409       409
POST /v1/incidents/{number:str}/transfer                     401    403      403       403     403 201   403       201
POST /v1/incidents/{number:str}/reply                        401    403      403       403     403 201   201       201
POST /v1/incidents/{number:str}/note                         401    403      403       403     403 201   201       201
POST /v1/incidents/{number:str}/hold                         401    403      403       403     403 409   409       409
POST /v1/incidents/{number:str}/resume                       401    403      403       403     403 409   409       409
POST /v1/news                                                401    403      403       403     403 201   201       201
POST /v1/news/{news:uuid}/withdraw                           401    403      403       403     403 201   201       201
POST /v1/news/{news:uuid}/follow                             401    403      403       201     201 201   201       201
POST /v1/known-errors                                        401    403      403       403     403 201   201       201
POST /v1/known-errors/{number:str}/retire                    401    403      403       403     403 201   201       201
POST /v1/incidents/{number:str}/link                         401    403      403       403     403 201   201       201
POST /v1/incidents/{number:str}/resolve                      401    403      403       403     403 201   201       201
POST /v1/incidents/{number:str}/confirm                      401    403      403       404     409 409   409       409
POST /v1/incidents/{number:str}/refuse                       401    403      403       404     409 409   409       409
POST /v1/incidents/{number:str}/close                        401    403      403       403     403 201   201       201
POST /v1/incidents/{number:str}/cancel                       401    403      403       404     201 201   201       201
POST /v1/incidents/{number:str}/reopen                       401    403      403       404     409 409   409       409
POST /v1/incidents/{number:str}/rate                         401    403      403       404     409 403   403       403
POST /v1/incidents/{number:str}/merge                        401    403      403       403     403 422   422       422
POST /v1/incidents/{number:str}/{command:str}                401    403      403       404     404 404   404       404
""",
    "query": """
                                                             nobody roleless reporting foreign own agent elsewhere supervisor
GET  /v1/incidents                                           401    403      403       200     200 200   200       200
GET  /v1/incidents/{number:str}                              401    403      403       404     200 200   200       200
GET  /v1/incidents/{number:str}/history                      401    403      403       404     200 200   200       200
GET  /v1/incidents/{number:str}/journey                      401    403      403       404     200 200   200       200
GET  /v1/incidents/{number:str}/documents/{document:uuid}    401    403      403       404     200 200   200       200
GET  /v1/incidents/{number:str}/beside                       401    403      403       403     403 200   200       200
GET  /v1/incidents/{number:str}/events                       401    403      403       403     403 200   200       200
GET  /v1/people                                              401    403      403       403     403 200   200       200
GET  /v1/people/{person:uuid}                                401    403      403       403     403 404   404       404
GET  /v1/me/export                                           401    403      403       200     200 200   200       200
GET  /v1/me/views                                            401    403      403       403     403 200   200       200
POST /v1/me/views                                            401    403      403       403     403 201   201       201
DELETE /v1/me/views/{view:uuid}                              401    403      403       403     403 404   404       404
GET  /v1/me/reports                                          401    403      200       403     403 403   403       200
POST /v1/me/reports                                          401    403      201       403     403 403   403       201
PATCH /v1/me/reports/{report:uuid}                           401    403      404       403     403 403   403       404
DELETE /v1/me/reports/{report:uuid}                          401    403      404       403     403 403   403       404
GET  /v1/queues                                              401    403      403       403     403 200   200       200
GET  /v1/queues/{group:str}                                  401    403      403       403     403 200   404       200
GET  /v1/waiting                                             401    403      403       403     403 200   200       200
GET  /v1/subjects                                            401    200      200       200     200 200   200       200
GET  /v1/catalogue                                           401    403      403       403     403 200   200       200
GET  /v1/catalogue.toml                                      401    403      403       403     403 403   403       200
GET  /v1/catalogue/history                                   401    403      403       403     403 403   403       200
POST /v1/catalogue/dry-run                                   401    403      403       403     403 403   403       200
GET  /v1/canned-texts                                        401    403      403       403     403 200   200       200
GET  /v1/news                                                401    200      200       200     200 200   200       200
GET  /v1/news/{one:uuid}                                     401    200      200       200     200 200   200       200
GET  /v1/known-errors                                        401    200      200       200     200 200   200       200
GET  /v1/known-errors/{number:str}                           401    200      200       200     200 200   200       200
GET  /v1/webhooks                                            401    403      403       403     403 403   403       200
POST /v1/known-errors/suggestions                            401    200      200       200     200 200   200       200
GET  /v1/stream                                              401    403      403       200     200 200   200       200
GET  /v1/reports                                             401    403      200       403     403 403   403       200
GET  /v1/dashboard                                           401    403      200       403     403 403   403       200
GET  /v1/reports/{name:str}                                  401    403      200       403     403 403   403       200
GET  /v1/reports/{name:str}/detail                           401    403      200       403     403 403   403       200
GET  /v1/events                                              401    403      200       403     403 403   403       200
GET  /v1/events/schemas                                      401    403      200       403     403 403   403       200
GET  /v1/events/schemas/{name:str}                           401    403      200       403     403 403   403       200
GET  /v1/events/asyncapi.json                                401    403      200       403     403 403   403       200
GET  /v1/exports                                             401    403      200       403     403 403   403       200
GET  /v1/exports/dictionary                                  401    403      200       403     403 403   403       200
GET  /v1/exports/{name:str}                                  401    403      200       403     403 403   403       200
GET  /v1/exports/{name:str}/months                           401    403      200       403     403 403   403       200
""",
}

WITH_TEXT: Final = ("updates", "reply", "note", "resolve", "refuse", "cancel", "reopen")
TEXT: Final = {"json": {"text": "Voici."}}
WHY: Final = {"reason": "Réorganisation"}
MINUTES: Final = {"low": 960, "normal": 480, "high": 120, "critical": 60}
FILE: Final = {"files": {"file": ("note.txt", b"le contenu", "text/plain")}}
#: What is sent to each route that expects something.
SENT: Final[dict[str, dict[str, Any]]] = {
    "/v1/incidents": {"json": FORM},
    "/v1/uploads": FILE,
    "/v1/webhooks": {"json": {"url": "https://hooks.example/in"}},
    "/v1/catalogue/calendars/{code:str}": {"json": WHY | {"label": "Samedi", "open": {"sat": ["08:00-12:00"]}}},
    "/v1/catalogue/groups/{code:str}": {
        "json": WHY | {"label": "Visio", "mail": "visio@cecoia.example", "calendar": "standard"}
    },
    "/v1/catalogue/subjects/{code:str}": {
        "json": WHY
        | {"label": "Visio : salle", "kind": "request", "group": "reseau", "take": MINUTES, "resolve": MINUTES}
    },
    "/v1/catalogue/subjects/{code:str}/retire": {"json": WHY},
    "/v1/catalogue/canned-texts/{code:str}": {"json": WHY | {"label": "Bonjour", "text": "Bonjour {demandeur},"}},
    "/v1/catalogue/canned-texts/{code:str}/retire": {"json": WHY},
    "/v1/catalogue/dry-run": {"json": {"routes": {"messagerie.acces": "reseau"}}},
    "/v1/catalogue/difference": {"json": {"toml": CATALOGUE}},
    "/v1/catalogue/import": {"json": WHY | {"toml": CATALOGUE.replace("Réseau", "Internet")}},
    "/v1/people/erase": {"json": {"number": "1000101_0001", "text": "Courrier du 6 novembre"}},
    "/v1/me/views": {"json": {"name": "Ma vue"}},
    "/v1/me/reports": {"json": {"name": "Mon rapport", "report": "volumes"}},
    "/v1/me/reports/{report:uuid}": {"json": {"name": "Son rapport"}},
    "/v1/incidents/{number:str}/documents": FILE,
    "/v1/known-errors": {"json": KNOWN_ERROR},
    "/v1/news": {"json": NEWS},
    "/v1/known-errors/{number:str}/retire": {"json": {"text": "Réparé."}},
    "/v1/incidents/{number:str}/hold": {"json": {"reason": "requester"}},
    "/v1/incidents/{number:str}/transfer": {"json": {"group": "reseau"}},
    "/v1/incidents/{number:str}/rate": {"json": {"rating": 4}},
    "/v1/incidents/{number:str}/merge": {"json": {"into": "1000101_0001"}},
    **{f"/v1/incidents/{{number:str}}/{name}": TEXT for name in WITH_TEXT},
}
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"})


def lines(table: str) -> dict[str, dict[str, int]]:
    """What each actor is answered, by method and path: by this table and everywhere."""
    found = {}
    for text in (EVERYWHERE, table):
        head, *rows = text.strip().splitlines()
        assert tuple(head.split()) == COLUMNS
        for row in rows:
            method, path, *statuses = row.split()
            found[f"{method} {path}"] = dict(zip(COLUMNS, map(int, statuses), strict=True))
    return found


def differences(found: dict[str, dict[str, int]], expected: dict[str, dict[str, int]]) -> list[str]:
    """Each answer that is not the table's."""
    return [
        f"{line} as {actor}: {found[line][actor]}, not {status}"
        for line, statuses in expected.items()
        for actor, status in statuses.items()
        if found[line][actor] != status
    ]


def routes(app: Litestar) -> Iterator[tuple[str, set[str]]]:
    """Each path of the application with its methods."""
    for route in app.routes:
        handlers = getattr(route, "route_handlers", ())
        yield route.path, {method for handler in handlers for method in handler.http_methods}


async def filled(house: House, path: str) -> str:
    """The address of a route, about an incident of its own where it is about one."""
    names = {"name:str": "volumes" if "reports" in path else "swagger-ui.css", "group:str": "messagerie"}
    names |= {"path:str": "nowhere", "command:str": "nonsense", "person:uuid": "00000000-0000-4000-8000-000000000000"}
    names |= {"code:str": "visio"}
    if "/events/schemas/" in path:
        names["name:str"] = "IncidentCreated.2"
    if "exports" in path:
        names["name:str"] = "incidents"
    names["view:uuid"] = names["report:uuid"] = names["person:uuid"]
    if "{number:str}" in path:
        about_errors = path.startswith("/v1/known-errors/")
        names["number:str"] = await (house.known_error() if about_errors else house.incident())
    if "{document:uuid}" in path:
        names["document:uuid"] = await document_of(house, names["number:str"])
    if "{webhook:uuid}" in path:
        answer = await house.ask("intake", "POST", "/v1/webhooks", house.bearer("supervisor"), **SENT["/v1/webhooks"])
        names["webhook:uuid"] = answer.raise_for_status().json()["id"]
    if "/news/{" in path:
        names["news:uuid"] = names["one:uuid"] = await house.news()
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    return path


async def sent_to(house: House, path: str) -> dict[str, Any]:
    """What is sent to a route; an incident is linked to a known error that there is."""
    if path.endswith("/link"):
        return {"json": {"known_error": await house.known_error()}}
    return SENT.get(path, {})


async def document_of(house: House, number: str) -> str:
    """The id of a document that the incident now has."""
    answer = await house.ask("intake", "POST", f"/v1/incidents/{number}/documents", house.bearer("own"), **FILE)
    return str(answer.raise_for_status().json()["documents"][0]["id"])


async def tried(house: House, service: str, method: str, path: str) -> dict[str, int]:
    """What each actor is answered, those who are nobody all the same."""
    found = {}
    address, sent = await filled(house, path), await sent_to(house, path)
    answers = [await house.ask(service, method, address, headers, **sent) for headers in house.strangers()]
    statuses = {answer.status_code for answer in answers}
    found["nobody"] = statuses.pop() if len(statuses) == 1 else -1
    for actor in ACTORS:
        if method != "GET":  # what one changed, the next cannot
            address = await filled(house, path)
        answer = await house.ask(service, method, address, house.bearer(actor), **sent)
        found[actor] = answer.status_code
    return found


@pytest.mark.parametrize("service", ["intake", "query"])
async def test_every_route_answers_each_role_as_the_table_says(house: House, service: str) -> None:
    expected = lines(TABLE[service])
    methods = {f"{method} {path}" for path, some in routes(house.apps[service]) for method in some - {"OPTIONS"}}
    assert methods == set(expected)
    found = {line: await tried(house, service, *line.split()) for line in expected}
    assert differences(found, expected) == []


@pytest.mark.parametrize("service", ["intake", "query"])
async def test_no_other_method_is_answered(house: House, service: str) -> None:
    found = {}
    for path, known in routes(house.apps[service]):
        address = await filled(house, path)
        for method in METHODS - known:
            answer = await house.ask(service, method, address, house.bearer("supervisor"))
            found[f"{method} {path}"] = answer.status_code
    assert {line: status for line, status in found.items() if status != 405} == {}


async def test_what_is_not_yours_looks_like_what_does_not_exist(house: House) -> None:
    """Nobody learns from an answer whether a number is somebody's."""
    number = await house.incident("own")
    for service, method, rest in (
        ("query", "GET", ""),
        ("query", "GET", "/history"),
        ("intake", "POST", "/updates"),
        ("intake", "POST", "/cancel"),
        ("intake", "POST", "/refuse"),
        ("intake", "POST", "/reopen"),
        ("intake", "POST", "/rate"),
    ):
        body = {"text": "x"} | ({"rating": 1} if rest == "/rate" else {})
        theirs, nothing = [
            await house.ask(service, method, f"/v1/incidents/{one}{rest}", house.bearer("foreign"), json=body)
            for one in (number, "1000101_0001")
        ]
        assert theirs.status_code == nothing.status_code == 404
        assert theirs.content == nothing.content
