"""The documents of an incident, from the store to the reader, never held in memory."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.openapi import ResponseSpec
from litestar.params import FromPath
from litestar.response import Stream

from services.query.context import Here, Reader
from services.query.documents import ranges as downloads
from services.query.documents.ranges import Span, UnsatisfiableError
from services.query.incidents.reading import read_incident
from shared.documents import StoreUnavailableError
from shared.events.base import ERASED
from shared.events.incident import DocumentAttached
from shared.http.identity import INVOLVED
from shared.http.problems import Problem, not_found, unavailable
from shared.journal.records import Recorded


@get(
    "/v1/incidents/{number:str}/documents/{document:uuid}",
    access=INVOLVED,
    content={"*/*": None},
    problems={410},
    responses={
        206: ResponseSpec(bytes, generate_examples=False, description="Une partie.", media_type="*/*"),
        304: ResponseSpec(None, generate_examples=False, description="Déjà connu."),
        416: ResponseSpec(None, generate_examples=False, description="Rien du document n’est dans cette partie."),
    },
)
async def document(
    context: Here, viewer: Reader, number: FromPath[str], document: FromPath[UUID], request: Request[Any, Any, Any]
) -> Response[None] | Stream:
    """Les octets d’un document, en entier ou en partie."""
    events, state = await read_incident(context, viewer, number)
    found = _find(events, document)
    if state.requester_name == ERASED:
        raise Problem(410, detail="Ce document a été effacé.", code="erased")
    headers = downloads.headers(found.filename, found.media_type, found.sha256)
    if downloads.is_known(request.headers.get("if-none-match"), found.sha256):
        return Response(None, status_code=304, headers=headers)
    try:
        span = downloads.read_range(request.headers, found.size, found.sha256)
    except UnsatisfiableError:
        return Response(None, status_code=416, headers=headers | {"Content-Range": f"bytes */{found.size}"})
    start, end = span or Span(0, found.size)
    headers |= {"Content-Length": str(end - start)}
    if span:
        headers |= {"Content-Range": f"bytes {start}-{end - 1}/{found.size}"}
    chunks = await _opened(context.store.open(found.sha256, start, end))
    return Stream(chunks, status_code=206 if span else 200, headers=headers, media_type=found.media_type)


def _find(events: list[Recorded], document: UUID) -> DocumentAttached:
    for recorded in events:
        if isinstance(recorded.event, DocumentAttached) and recorded.event.document == document:
            return recorded.event
    raise not_found("Ce document n’existe pas.")


async def _opened(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same chunks, the first one read: what is missing is said before the answer begins.

    Raises:
        Problem: 404 where the store has lost the document, 503 where it does not answer.
    """
    try:
        first = await anext(chunks, b"")
    except FileNotFoundError:
        raise not_found("Le contenu de ce document n’est plus conservé.") from None
    except StoreUnavailableError as error:
        raise unavailable(5, "Les documents ne sont pas accessibles pour le moment.") from error

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    return whole()


ROUTES = [document]
