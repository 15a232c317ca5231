"""What every call needs in hand: made once by the application, given to the routes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec
from litestar import Request, Response

from services.intake.callers import Callers
from services.intake.catalogue.changing import Changing
from services.intake.incident.commands import Actor
from services.intake.knowledge.recorder import Publisher
from services.intake.people.erasure import Eraser
from services.intake.receipts import Attempt, Kept
from services.intake.recorder import Recorder
from services.intake.uploads import Uploads
from services.intake.webhooks.registrar import Registrar
from shared.catalogue import CatalogueWatch
from shared.documents import DocumentStore
from shared.http.identity import caller_of
from shared.http.problems import FieldError, invalid, unavailable
from shared.journal.sealing import Vault
from shared.limits import Limit
from shared.logs import current_request
from shared.settings import Settings

AnyRequest: TypeAlias = Request[Any, Any, Any]

#: Headers of every write, as the schema tells them: what may be sent with one, what comes with its answer.
KEYED: Final = {"Idempotency-Key": "La même clé et le même corps reçoivent une seconde fois la même réponse."}
TAKES: Final = KEYED | {"If-Match": "La version que l’incident doit avoir, entre guillemets."}
GIVES: Final = {
    "ETag": "La version de l’incident, entre guillemets.",
    "Event-Position": "Où l’événement se trouve\u202f; à renvoyer dans Min-Event-Position pour le lire aussitôt.",
    "Idempotent-Replayed": "«\u00a0true\u00a0» quand la réponse est celle d’un envoi antérieur.",
}
_KEY_LENGTH: Final = 200
#: No incident has more events than these can count.
_VERSION_DIGITS: Final = 9


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The tools of the routes. `now` reads the clock."""

    settings: Settings
    vault: Vault
    callers: Callers
    catalogue: CatalogueWatch
    recorder: Recorder
    changing: Changing
    publisher: Publisher
    eraser: Eraser
    registrar: Registrar
    store: DocumentStore
    uploads: Uploads
    creates: Limit
    writes: Limit
    uploading: Limit
    now: Callable[[], datetime]

    async def actor(self, request: AnyRequest) -> Actor:
        """Who sends this request."""
        return await self.callers.actor(caller_of(request))

    async def attempt(self, request: AnyRequest, actor: Actor, body: object) -> Attempt:
        """How a command was sent.

        Args:
            request: for its headers.
            actor: whose key makes the fingerprint.
            body: what makes two sendings the same: the body as it was given, whatever this version makes of it.

        Raises:
            Problem: 422 for headers that cannot be read, 503 for somebody who is erased at this moment.
        """
        key = idempotency_key(request)
        return Attempt(
            key=key,
            fingerprint=await self._fingerprint(actor.person.id, body) if key is not None else None,
            version=_version(request),
            request=current_request(),
            at=self.now(),
        )

    async def _fingerprint(self, person: UUID, body: object) -> str:
        try:
            return await self.vault.fingerprint(person, msgspec.json.encode(body, order="sorted"))
        except LookupError as error:  # who sends it again does so as somebody new
            raise unavailable(1) from error


def desk_of(request: AnyRequest) -> Desk:
    """The desk of the application. A dependency of Litestar would cost a tenth of what recording an incident costs."""
    desk: Desk = request.app.state.desk
    return desk


async def begun(request: AnyRequest) -> tuple[Desk, Actor]:
    """The desk, and who writes; one write of theirs is counted."""
    desk = desk_of(request)
    actor = await desk.actor(request)
    await desk.writes.count(actor.person.id.hex)
    return desk, actor


def idempotency_key(request: AnyRequest) -> str | None:
    """The header, None without one.

    Raises:
        Problem: 422 when it is empty, too long or not printable.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not (key.isascii() and key.isprintable() and 0 < len(key.strip()) <= _KEY_LENGTH):
        message = f"De 1 à {_KEY_LENGTH} caractères imprimables sont attendus."
        raise invalid(FieldError("Idempotency-Key", message))
    return key


def _version(request: AnyRequest) -> int | None:
    wanted = request.headers.get("if-match", "*").strip()
    if wanted == "*":
        return None
    digits = wanted.removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > _VERSION_DIGITS:
        raise invalid(FieldError("If-Match", 'Une version entre guillemets est attendue, par exemple "3".'))
    return int(digits)


def answer(kept: Kept, body: msgspec.Struct, **headers: str) -> Response[Any]:
    """201 with what every write answers."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers |= {"ETag": f'"{kept.version}"', "Event-Position": kept.position.encode()}
    if kept.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(body, status_code=201, headers=headers)
