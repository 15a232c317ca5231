"""Intake and query as the portal sees them, small and obedient: they can be told to fail, and remember what they got."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from shared.events.vocabulary import Status
from shared.typography import NBSP

NOW = datetime(2026, 11, 24, 9, 52, 7, tzinfo=UTC)
SUBJECTS = [
    ("messagerie.acces", "Messagerie : connexion impossible", "incident", "messagerie", "Messagerie et identité"),
    ("poste.logiciel", "Poste de travail : installation d'un logiciel", "request", "postes", "Postes de travail"),
]


@dataclass
class World:
    """What both services know."""

    incidents: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_key: dict[tuple[str, str], tuple[bytes, str]] = field(default_factory=dict)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    updates: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    positions: list[str | None] = field(default_factory=list)
    intake_down: bool = False
    query_down: bool = False
    projection_late: bool = False
    refuse_token: bool = False
    key_used: bool = False
    closed: bool = False
    slow: float = 0.0
    reports: list[dict[str, str]] = field(default_factory=list)
    feed: list[dict[str, Any]] = field(default_factory=list)
    saved: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    news: list[dict[str, Any]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)


VOLUMES = {
    "name": "volumes",
    "title": "Volumes d’incidents",
    "about": "Chaque incident compte une fois.",
    "by": ["day", "week", "subject", "group"],
    "columns": [{"name": "created", "label": "Créés", "unit": "count"}],
    "filters": ["subject"],
}


def _sub(request: Request[Any, Any, Any]) -> str:
    """Whom the token names; who signed it is not these stand-ins' business."""
    payload = request.headers["authorization"].split(".")[1]
    return str(msgspec.json.decode(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])


def _problem(status: int, errors: dict[str, str] | None = None, code: str = "invalid") -> Response[bytes]:
    body = {
        "type": f"urn:cecoia:problem:{code}",
        "title": "Saisie à corriger",
        "status": status,
        "detail": "Certaines informations sont manquantes ou incorrectes.",
        "errors": [{"field": name, "message": message} for name, message in (errors or {}).items()],
    }
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/problem+json")


def intake_of(world: World) -> Litestar:
    def gone(request: Request[Any, Any, Any]) -> Response[bytes] | None:
        if world.refuse_token or request.headers.get("authorization", "")[:10] in {"", "Bearer old"}:
            return _problem(401, code="token")
        return _problem(503, code="unavailable") if world.intake_down else None

    @post("/v1/uploads")
    async def upload(request: Request[Any, Any, Any]) -> Response[Any]:
        body = b"".join([chunk async for chunk in request.stream()])
        if answer := gone(request):
            return answer
        head, _, rest = body.partition(b"\r\n\r\n")
        content = rest.rpartition(b"\r\n--")[0]
        name = head.decode().split('filename="')[1].split('"')[0]
        if content.startswith(b"MZ"):
            return _problem(415, {"file": f"Le fichier «{NBSP}{name}{NBSP}» est un programme."})
        digest = hashlib.sha256(content).hexdigest()
        document = {"id": str(uuid4()), "filename": name, "media_type": "image/png", "size": len(content)}
        world.uploads[document["id"]] = document | {"sha256": digest}
        return Response({"uploads": [world.uploads[document["id"]]]}, status_code=201)

    @post("/v1/incidents")
    async def create(request: Request[Any, Any, Any]) -> Response[Any]:
        raw = await request.body()
        if answer := gone(request):
            return answer
        await asyncio.sleep(world.slow)
        body, who, key = msgspec.json.decode(raw), _sub(request), request.headers["idempotency-key"]
        if known := world.by_key.get((who, key)):
            return _problem(422, code="key-reused") if known[0] != raw else _created(world, known[1])
        required = ("subject", "phone", "availability", "description")
        errors = {name: "Ce champ est obligatoire." for name in required if not body[name]}
        if body["phone"] == "12":
            errors["phone"] = "Ce numéro de téléphone n’est pas valable."
        if errors:
            return _problem(422, errors)
        number = f"1261124_{len(world.incidents) + 1:04}"
        world.incidents[number] = {**body, "texts": [], "files": body.get("uploads", []), "who": who}
        world.by_key[who, key] = (raw, number)
        world.bodies.append(body)
        return _created(world, number)

    @post("/v1/incidents/{number:str}/{command:str}")
    async def command(request: Request[Any, Any, Any], number: FromPath[str], command: FromPath[str]) -> Response[Any]:
        raw = await request.body()
        if answer := gone(request):
            return answer
        body = msgspec.json.decode(raw)
        if world.closed:
            return _problem(409, code="impossible")
        if world.key_used:
            return _problem(422, code="key-reused")
        if body.get("text") == "interdit":
            return _problem(422, {"text": "Ce texte n’est pas permis."})
        world.updates.append((number, command, body))
        incident = world.incidents[number]
        incident["texts"].append(body.get("text", ""))
        incident["files"] = [*incident["files"], *body.get("uploads", [])]
        answered = {"number": number, "version": 2, "status": "to_handle", "recorded_at": NOW}
        return Response(answered, status_code=201, headers={"Event-Position": "p2"})

    def written(number: str, state: str, label: str) -> Response[Any]:
        body = {"id": str(uuid4()), "number": number, "version": 1, "recorded_at": NOW}
        return Response(body | {"state": state, "state_label": label}, status_code=201)

    @post("/v1/known-errors")
    async def publish(request: Request[Any, Any, Any]) -> Response[Any]:
        body = msgspec.json.decode(await request.body())
        if answer := gone(request):
            return answer
        if missing := [name for name, value in body.items() if not value]:
            return _problem(422, dict.fromkeys(missing, "Ce champ est obligatoire."))
        if not any(one["key"] == request.headers["idempotency-key"] for one in world.errors):
            world.errors.append(error_item(len(world.errors) + 1, **body) | {"key": request.headers["idempotency-key"]})
        return written(world.errors[-1]["number"], "open", "En cours")

    @post("/v1/known-errors/{number:str}/retire")
    async def retire(request: Request[Any, Any, Any], number: FromPath[str]) -> Response[Any]:
        body = msgspec.json.decode(await request.body())
        if answer := gone(request):
            return answer
        if not body["text"]:
            return _problem(422, {"text": "Ce champ est obligatoire."})
        (one,) = [one for one in world.errors if one["number"] == number]
        one |= {"state": "solved", "state_label": "Résolue", "ended_at": NOW, "ended_text": body["text"]}
        world.told.append(body)
        return written(number, "solved", "Résolue")

    def news_written(news: dict[str, Any]) -> Response[Any]:
        return Response({"id": news["id"], "version": 1, "recorded_at": NOW}, status_code=201)

    @post("/v1/news")
    async def publish_news(request: Request[Any, Any, Any]) -> Response[Any]:
        body = msgspec.json.decode(await request.body())
        if answer := gone(request):
            return answer
        if missing := [name for name in ("title", "text") if not body[name]]:
            return _problem(422, dict.fromkeys(missing, "Ce champ est obligatoire."))
        if not any(one["key"] == request.headers["idempotency-key"] for one in world.news):
            world.news.append(news_item(**body) | {"key": request.headers["idempotency-key"]})
        return news_written(world.news[-1])

    @post("/v1/news/{news:str}/{command:str}")
    async def change_news(request: Request[Any, Any, Any], news: FromPath[str], command: FromPath[str]) -> Any:
        if answer := gone(request):
            return answer
        (one,) = [one for one in world.news if one["id"] == news]
        if command == "follow" and not one["current"]:
            return _problem(409, code="ended")
        world.told.append({command: msgspec.json.decode(await request.body())})
        one |= {"followed": True, "followers": 3} if command == "follow" else {"withdrawn_at": NOW, "current": False}
        return news_written(one)

    return Litestar(
        [upload, create, command, publish, retire, publish_news, change_news],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )


def error_item(rank: int, **said: Any) -> dict[str, Any]:
    """A known error as query gives it."""
    return {
        "number": f"E261124_{rank:04}",
        "version": 1,
        "title": "Envoi refusé",
        "symptoms": "Code 535",
        "workaround": "Le webmail marche.",
        "subjects": ["messagerie.acces"],
        "subject_labels": ["Messagerie : connexion impossible"],
        "state": "open",
        "state_label": "En cours",
        "published_at": NOW,
        "ended_at": None,
        "ended_text": None,
        "incidents": 2,
        **said,
    }


def news_item(**said: Any) -> dict[str, Any]:
    """A news as query gives it."""
    return {
        "id": str(uuid4()),
        "version": 1,
        "title": "Coupure du réseau",
        "text": "Depuis 8 h.",
        "subjects": [],
        "subject_labels": [],
        "until": None,
        "published_at": NOW,
        "withdrawn_at": None,
        "withdrawn_text": None,
        "current": True,
        "followers": 2,
        "followed": False,
        **said,
    }


def _created(world: World, number: str) -> Response[Any]:
    body = {"id": str(uuid4()), "number": number, "version": 1, "status": "to_handle", "recorded_at": NOW}
    return Response(body, status_code=201, headers={"Event-Position": "p1"})


def query_of(world: World) -> Litestar:
    def gone(request: Request[Any, Any, Any]) -> Response[bytes] | None:
        world.positions.append(request.headers.get("min-event-position"))
        if world.refuse_token or request.headers.get("authorization", "")[:10] in {"", "Bearer old"}:
            return _problem(401, code="token")
        late = world.projection_late and "min-event-position" in request.headers
        return _problem(503, code="unavailable") if world.query_down or late else None

    @get("/v1/subjects")
    async def subjects(request: Request[Any, Any, Any]) -> Any:
        names = ("subject", "label", "kind", "group", "group_label")
        items = [{**dict(zip(names, one, strict=True)), "kind_label": "x", "retired": False} for one in SUBJECTS]
        return gone(request) or {"items": items}

    @get(["/v1/news", "/v1/me/views"])
    async def all_news(request: Request[Any, Any, Any]) -> Any:
        return gone(request) or {"items": world.news, "next": None}

    @get("/v1/news/{news:str}")
    async def one_news(request: Request[Any, Any, Any], news: FromPath[str]) -> Any:
        found = next((one for one in world.news if one["id"] == news), None)
        return gone(request) or found or _problem(404, code="not-found")

    @get("/v1/known-errors")
    async def known_errors(request: Request[Any, Any, Any]) -> Any:
        return gone(request) or {"items": world.errors, "next": None}

    @get("/v1/known-errors/{number:str}")
    async def known_error(request: Request[Any, Any, Any], number: FromPath[str]) -> Any:
        found = next((one for one in world.errors if one["number"] == number), None)
        return gone(request) or found or _problem(404, code="not-found")

    @post("/v1/known-errors/suggestions", status_code=200)
    async def suggestions(request: Request[Any, Any, Any]) -> Any:
        world.told.append(msgspec.json.decode(await request.body()))
        return gone(request) or {"items": world.errors}

    @get("/v1/queues")
    async def queues(request: Request[Any, Any, Any]) -> Any:
        return gone(request) or {"items": []}

    @get("/v1/incidents")
    async def incidents(request: Request[Any, Any, Any]) -> Any:
        if answer := gone(request):
            return answer
        wanted = request.query_params.get("subject")
        own = [
            _item(number, one)
            for number, one in reversed(world.incidents.items())
            if one["who"] == _sub(request) and wanted in {None, one["subject"]}
        ]
        start, limit = int(request.query_params.get("cursor", 0)), int(request.query_params["limit"])
        following = str(start + limit) if start + limit < len(own) else None
        return {"items": own[start : start + limit], "next": following, "total": len(own), "open": len(own)}

    @get("/v1/incidents/{number:str}")
    async def incident(request: Request[Any, Any, Any], number: FromPath[str]) -> Any:
        if answer := gone(request):
            return answer
        one = world.incidents.get(number)
        if one is None or one["who"] != _sub(request):
            return _problem(404, code="not-found")
        return _detail(number, one, world)

    @get("/v1/incidents/{number:str}/documents/{document:str}")
    async def document(request: Request[Any, Any, Any], number: FromPath[str], document: FromPath[str]) -> Any:
        if answer := gone(request):
            return answer
        headers = {"Content-Disposition": "attachment; filename*=UTF-8''%C3%A9cran.png", "Accept-Ranges": "bytes"}
        headers["ETag"] = '"of-the-bytes"'
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(None, status_code=304, headers=headers)
        if request.headers.get("range") == "bytes=0-1":
            headers["Content-Range"] = "bytes 0-1/4"
            return Response(b"by", status_code=206, media_type="image/png", headers=headers)
        return Response(b"byte", media_type="image/png", headers=headers)

    @get("/v1/me/export")
    async def export(request: Request[Any, Any, Any]) -> Any:
        headers = {"Content-Disposition": 'attachment; filename="cecoia-mes-donnees.json"'}
        return gone(request) or Response({"names": [_sub(request)]}, headers=headers)

    @get("/v1/stream")
    async def stream(request: Request[Any, Any, Any]) -> Any:
        async def events() -> Any:
            yield b'event: change\ndata: {"number":"1261124_0001"}\n\n'

        return gone(request) or Stream(events(), media_type="text/event-stream")

    @get("/v1/reports")
    async def reports(request: Request[Any, Any, Any]) -> Any:
        return gone(request) or {"items": [VOLUMES]}

    @get("/v1/reports/volumes")
    async def volumes(request: Request[Any, Any, Any]) -> Any:
        world.reports.append(dict(request.query_params))
        headers = {"Content-Disposition": 'attachment; filename="volumes.csv"'}
        return gone(request) or Response(b"Jour;Objet\r\n", media_type="text/csv", headers=headers)

    @get("/v1/events")
    async def events(request: Request[Any, Any, Any]) -> Any:
        world.reports.append(dict(request.query_params))
        return gone(request) or world.feed.pop(0)

    @post("/v1/me/reports")
    async def save_report(request: Request[Any, Any, Any]) -> Any:
        body = await request.json()
        if body["report"] != "volumes":
            return _problem(422, {"report": "Ce rapport n’existe pas."})
        world.saved.append(body)
        return gone(request) or body

    handlers = [
        events,
        subjects,
        all_news,
        one_news,
        known_errors,
        known_error,
        suggestions,
        queues,
        incidents,
        incident,
        document,
        export,
        stream,
        reports,
        volumes,
        save_report,
    ]
    return Litestar(handlers, openapi_config=None, logging_config=None)


def _item(number: str, one: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": number,
        "version": 1,
        "subject": one["subject"],
        "subject_label": "Messagerie : connexion impossible",
        "kind": "incident",
        "status": (status := Status(one.get("status", "to_handle"))),
        "status_label": status.label,
        "urgency": one["urgency"],
        "urgency_label": "Normale",
        "excerpt": one["description"],
        "recorded_at": NOW,
        "updated_at": NOW,
        "requester": "Claire Martin",
        "beneficiary": None,
        "responsible": None,
        "group": None,
        "group_label": None,
        "documents": len(one["files"]),
        "unread": 0,
        "your_turn": False,
    }


def _detail(number: str, one: dict[str, Any], world: World) -> dict[str, Any]:
    claire = {"name": "Claire Martin", "email": "claire.martin@cecoia.example", "is_caller": True}
    texts = [("Description", one["description"]), *(("Complément", text) for text in one["texts"])]
    kept = {"requester": claire, "beneficiary": None, "recorded_by": claire, "responsible": None}
    return {
        **{name: value for name, value in _item(number, one).items() if name not in {"excerpt", "documents", "unread"}},
        **kept,
        "origin": "portal",
        "origin_label": "Portail",
        "routing_why": None,
        "phone": "+33199001234",
        "availability": one["availability"],
        "description": one["description"],
        "timeline": [
            {
                "version": rank,
                "type": "IncidentUpdated",
                "at": NOW,
                "shape": "message",
                "side": "requester",
                "by": "Claire Martin",
                "by_caller": True,
                "title": title,
                "text": text,
                "documents": [],
            }
            for rank, (title, text) in enumerate(texts, 1)
        ],
        "documents": [
            {**world.uploads[name], "attached_at": NOW, "attached_by": "Claire Martin", "entry": 1}
            for name in one["files"]
        ],
        "news": one.get("news", []),
        "known_errors": one.get("known_errors", []),
        "suggested_errors": one.get("suggested_errors", []),
        "actions": [] if world.closed else one.get("actions", ["update", "cancel"]),
        "takes_part": one.get("takes_part", True),
        **{name: one[name] for name in ("follows", "followed_by", "can_be_followed", "opinion") if name in one},
    }
