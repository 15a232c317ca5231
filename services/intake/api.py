"""The write side of the contract: each route reads its body, makes a command, and answers what was recorded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from services.intake.desk import GIVES, KEYED, TAKES, AnyRequest, Desk, answer, begun, desk_of, idempotency_key
from services.intake.files import receive_files
from services.intake.forms import (
    Changes,
    Erase,
    Hold,
    Merge,
    NewIncident,
    Nothing,
    Opinion,
    Requester,
    Text,
    Transfer,
    chosen_subject,
    destination,
    exact_number,
    hold_end,
)
from services.intake.incident import commands as c
from services.intake.knowledge.api import judge_link, judge_resolution
from services.intake.knowledge.forms import Link, Resolution
from services.intake.people.erasure import Order, check_text
from services.intake.receipts import Receipt
from shared import phone
from shared.events.vocabulary import ErasedFor
from shared.http.bodies import Body, read_body
from shared.http.identity import AGENTS, INVOLVED, SUPERVISORS, Access
from shared.http.problems import not_found
from shared.http.schema import MULTIPART
from shared.journal.numbers import normalise
from shared.wire.recorded import Created, Document, Documents, Erased, Uploads, Written

#: What the schema tells of whatever changes an incident; its problems are: not now, not any more, not that often.
CHANGING: Final[dict[str, Any]] = {"problems": {409, 412, 429}, "takes": TAKES, "gives": GIVES}


@post(
    "/v1/incidents",
    access=INVOLVED,
    body=NewIncident,
    problems={409, 429},
    takes=KEYED,
    gives=GIVES | {"Location": "L’adresse de l’incident."},
    operation_id="create",
)
async def create(request: AnyRequest) -> Response[Created]:
    """Record a new incident."""
    desk = desk_of(request)
    actor = await desk.actor(request)
    await desk.creates.count(actor.person.id.hex)
    body = await read_body(request, NewIncident)
    catalogue = await desk.catalogue.current()
    body.check("phone", phone.parse)
    body.check("subject", lambda subject: chosen_subject(catalogue, subject))
    body.check("requester", _identified)
    body.check("follows", exact_number)
    attempt = await desk.attempt(request, actor, body.given)
    files = await desk.uploads.find(body.values.get("uploads", ()), actor.person.id, body)
    if body.errors and (receipt := await desk.recorder.replayed_create(actor, attempt)):
        return _created(receipt)
    form = body.done()
    command = c.Create(
        phone=form.phone,
        subject=form.subject,
        availability=form.availability,
        urgency=form.urgency,
        description=form.description,
        origin=form.origin or actor.door,
        requester=await desk.callers.named(form.requester),
        beneficiary=await desk.callers.named(form.beneficiary),
        files=files,
        follows=form.follows,
    )
    return _created(await desk.recorder.create(command, actor, attempt))


@post("/v1/incidents/{number:str}/updates", access=INVOLVED, body=Changes, **CHANGING, operation_id="update")
async def update(request: AnyRequest, number: FromPath[str]) -> Response[Written]:
    """Add text or documents to an incident, or change its fields."""
    desk, actor = await begun(request)
    body = await read_body(request, Changes)
    body.check("phone", phone.parse)
    if not body.errors and not any(value not in (None, []) for value in body.values.values()):
        body.refuse("text", "Ajoutez un texte, un document ou une modification.")
    attempt = await desk.attempt(request, actor, body.given)
    files = await desk.uploads.find(body.values.get("uploads", ()), actor.person.id, body)
    if body.errors and (receipt := await desk.recorder.replayed(number, c.Update.name, actor, attempt)):
        return _written(receipt)
    form = body.done()
    command = c.Update(
        text=form.text, phone=form.phone, availability=form.availability, urgency=form.urgency, files=files
    )
    return _written(await desk.recorder.change(number, command, actor, attempt))


@post(
    "/v1/incidents/{number:str}/documents",
    access=INVOLVED,
    body=MULTIPART,
    **CHANGING,
    operation_id="attach",
    request_max_body_size=None,
)
async def attach(request: AnyRequest, number: FromPath[str]) -> Response[Documents]:
    """Add files to an incident."""
    desk = desk_of(request)
    actor = await desk.actor(request)
    await desk.uploading.count(actor.person.id.hex)
    await desk.recorder.check(number, c.Attach(files=()), actor, idempotency_key(request), desk.now())
    settings = desk.settings
    received = await receive_files(
        request, desk.store, size=settings.document_size, most=settings.documents_per_incident
    )
    attempt = await desk.attempt(request, actor, received)
    files = await desk.uploads.keep(actor.person.id, received, f"documents of {normalise(number)}", attempt.key)
    receipt = await desk.recorder.change(number, c.Attach(files=tuple(files)), actor, attempt)
    return answer(receipt, Documents(documents=[_document(file) for file in files], version=receipt.version))


@post(
    "/v1/uploads",
    access=INVOLVED,
    body=MULTIPART,
    problems={429},
    takes=KEYED,
    operation_id="upload",
    request_max_body_size=None,
)
async def upload(request: AnyRequest) -> Response[Uploads]:
    """Keep files for the caller until a command names them in `uploads`, for a day at least."""
    desk = desk_of(request)
    actor = await desk.actor(request)
    await desk.uploading.count(actor.person.id.hex)
    key = idempotency_key(request)
    settings = desk.settings
    received = await receive_files(
        request, desk.store, size=settings.document_size, most=settings.documents_per_incident
    )
    files = await desk.uploads.keep(actor.person.id, received, "uploads", key)
    return Response(Uploads(uploads=[_document(file) for file in files]), status_code=201)


@post(
    "/v1/people/erase",
    access=SUPERVISORS,
    body=Erase,
    problems={404, 409, 429},
    takes=KEYED,
    gives=GIVES,
    operation_id="erase",
)
async def erase(request: AnyRequest) -> Response[Erased]:
    """Forget whoever asked for an incident, for ever: their key is destroyed, with everything that it seals."""
    desk, actor = await begun(request)
    body = await read_body(request, Erase)
    attempt = await desk.attempt(request, actor, body.given)
    form = body.done()
    requester = await desk.eraser.requester(form.number)
    check_text(form.text, requester)
    order = Order(reason=ErasedFor.REQUEST, by=actor.person, text=form.text, force=form.force)
    receipt = await desk.eraser.erase(requester.id, order, attempt)
    number = normalise(form.number) or form.number
    return answer(receipt, Erased(number=number, incidents=receipt.incidents, recorded_at=receipt.recorded_at))


def _transfer(form: Transfer) -> c.Command:
    """The command; `destination` has found the group, or a mistake."""
    return c.Transfer(group=form.group or "", subject=form.subject, text=form.text)


async def _destination(desk: Desk, body: Body[Transfer]) -> None:
    destination(await desk.catalogue.current(), body)


def _hold(form: Hold) -> c.Command:
    return c.Hold(reason=form.reason, until=form.until, text=form.text)


def _resolution(form: Resolution) -> c.Command:
    return c.Resolve(text=form.text, known_error=form.known_error)


async def _hold_end(desk: Desk, body: Body[Hold]) -> None:
    hold_end(desk.now(), body)


async def _other(_: Desk, body: Body[Merge]) -> None:
    body.check("into", exact_number)


def _command_route(
    name: str,
    form: type[msgspec.Struct],
    make: Callable[[Any], c.Command],
    access: Access = AGENTS,
    judge: Callable[[Desk, Body[Any]], Awaitable[None]] | None = None,
) -> HTTPRouteHandler:
    """The route of a command; `judge` notes what is wrong with its body beyond the form.

    What it judges by may have changed since an earlier sending of the same command, which gets its answer again.
    """

    async def command(request: AnyRequest, number: FromPath[str]) -> Response[Written]:
        desk, actor = await begun(request)
        body = await read_body(request, form)
        if judge:
            await judge(desk, body)
        attempt = await desk.attempt(request, actor, body.given)
        if body.errors and (receipt := await desk.recorder.replayed(number, name, actor, attempt)):
            return _written(receipt)
        return _written(await desk.recorder.change(number, make(body.done()), actor, attempt))

    path = f"/v1/incidents/{{number:str}}/{name}"
    return post(path, access=access, body=form, **CHANGING, operation_id=name, summary=name)(command)


@post("/v1/incidents/{number:str}/{command:str}", access=INVOLVED, include_in_schema=False)
async def unknown(number: FromPath[str], command: FromPath[str]) -> None:
    """Say so for commands that are not built."""
    del number, command
    raise not_found("Cette commande n’existe pas, ou pas encore.")


ROUTES: Final[list[ControllerRouterHandler]] = [
    create,
    update,
    attach,
    upload,
    erase,
    unknown,
    _command_route("take", Nothing, lambda _: c.Take()),
    _command_route("release", Nothing, lambda _: c.Release()),
    _command_route("transfer", Transfer, _transfer, judge=_destination),
    _command_route("reply", Text, lambda form: c.Reply(text=form.text)),
    _command_route("note", Text, lambda form: c.Note(text=form.text)),
    _command_route("hold", Hold, _hold, judge=_hold_end),
    _command_route("resume", Nothing, lambda _: c.Resume()),
    _command_route("link", Link, lambda form: c.Link(known_error=form.known_error), judge=judge_link),
    _command_route("resolve", Resolution, _resolution, judge=judge_resolution),
    _command_route("confirm", Nothing, lambda _: c.Confirm(), INVOLVED),
    _command_route("refuse", Text, lambda form: c.Refuse(text=form.text), INVOLVED),
    _command_route("close", Nothing, lambda _: c.Close()),
    _command_route("cancel", Text, lambda form: c.Cancel(text=form.text), INVOLVED),
    _command_route("reopen", Text, lambda form: c.Reopen(text=form.text), INVOLVED),
    _command_route("rate", Opinion, lambda form: c.Rate(rating=form.rating, text=form.text), INVOLVED),
    _command_route("merge", Merge, lambda form: c.Merge(into=form.into), judge=_other),
]


def _identified(requester: Requester) -> Requester:
    if requester.sub is None and requester.email is None:
        raise ValueError("Indiquez le compte (sub) ou l’adresse (email) du demandeur.")
    return requester


def _created(receipt: Receipt) -> Response[Created]:
    body = Created(
        id=receipt.stream_id,
        number=receipt.number,
        version=receipt.version,
        status=receipt.status,
        recorded_at=receipt.recorded_at,
    )
    return answer(receipt, body, location=f"/v1/incidents/{receipt.number}")


def _written(receipt: Receipt) -> Response[Written]:
    body = Written(
        number=receipt.number, version=receipt.version, status=receipt.status, recorded_at=receipt.recorded_at
    )
    return answer(receipt, body)


def _document(file: c.File) -> Document:
    return msgspec.convert(file, Document, from_attributes=True)
