"""Multipart bodies: files flow into the store as they arrive; every file that cannot be kept is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import Message
from typing import Any, Final

from litestar import Request
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from shared.documents import DocumentEmptyError, DocumentStore, DocumentTooLargeError, StoredDocument
from shared.http.problems import FieldError, Problem
from shared.media_types import ProgramRefusedError
from shared.text import filename_fault

_FIELD: Final = "file"
#: Room for headers and boundaries around the files of a body.
_FRAME: Final = 64 * 1024

Parts = AsyncIterator[MultipartSegment | bytes | bytearray | None]


async def receive_files(
    request: Request[Any, Any, Any], store: DocumentStore, *, size: int, most: int
) -> list[StoredDocument]:
    """Take in the parts called `file` of a multipart body.

    Args:
        request: whose body has not been read.
        store: where they go.
        size: most bytes of a file.
        most: most files.

    Raises:
        Problem: 415 no multipart, or programs; 413 too large or too many; 422 empty, badly named, broken or cut.
        StoreFullError, StoreUnavailableError: they cannot be kept now.
    """
    boundary = _boundary(request)
    longest = size * most + _FRAME
    if (request.content_length or 0) > longest:
        raise _too_large(size, most)
    reception = _Reception(store, size)
    try:
        parser = PushMultipartParser(boundary, max_segment_count=most, max_segment_size=size)
        parts = _parts(request, parser, longest)
        async for segment in parts:
            if isinstance(segment, MultipartSegment):
                await reception.receive(segment, parts)
    except ParserLimitReached as error:
        raise _too_large(size, most) from error
    except DocumentTooLargeError as error:
        raise _too_large(size, most) from error
    except MultipartError as error:
        detail = "Le corps de la requête n’est pas un envoi de fichiers complet."
        raise Problem(422, detail=detail, code="multipart") from error
    return reception.files()


def _boundary(request: Request[Any, Any, Any]) -> str:
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise Problem(415, detail="Cette adresse attend un envoi de fichiers (multipart/form-data).", code="media-type")
    return boundary


async def _parts(request: Request[Any, Any, Any], parser: PushMultipartParser, longest: int) -> Parts:
    """What the parser finds in a body of unknown length.

    What stands before the first boundary and after the last is read, counted and left (RFC 2046, 5.1.1).
    """
    received = 0
    with parser:
        async for chunk in request.stream():
            received += len(chunk)
            if received > longest:
                raise ParserLimitReached("body")
            if chunk:
                for event in parser.parse(chunk):
                    yield event


async def _content(parts: Parts) -> AsyncIterator[bytes]:
    """The bytes of the part that has just begun."""
    async for event in parts:
        if event is None:
            return
        if isinstance(event, (bytes, bytearray)):
            yield bytes(event)


class _Reception:
    """What has been taken in of a body, and what was wrong with it."""

    def __init__(self, store: DocumentStore, size: int) -> None:
        self._store = store
        self._size = size
        self._files: list[StoredDocument] = []
        self._errors: list[FieldError] = []
        self._programs_only = True

    async def receive(self, segment: MultipartSegment, parts: Parts) -> None:
        """Take in one part; its content is read to the end in any case."""
        name, fault = segment.filename, None
        if segment.name != _FIELD:
            self._refuse(segment.name or _FIELD, "Ce champ n’est pas prévu.")
        elif name is None:
            self._refuse(_FIELD, "Un fichier est attendu.")
        elif fault := filename_fault(name):
            self._refuse(_FIELD, fault)
        if segment.name != _FIELD or name is None or fault:
            async for _ in _content(parts):
                pass
        else:
            await self._keep(name, parts)

    async def _keep(self, name: str, parts: Parts) -> None:
        try:
            self._files.append(await self._store.put(_content(parts), name, self._size))
        except DocumentEmptyError as error:
            self._refuse(_FIELD, f"Le fichier «\u00a0{error}\u00a0» est vide.")
        except ProgramRefusedError as error:
            sentence = f"Le fichier «\u00a0{error}\u00a0» est un programme\u202f: il n’est pas accepté."
            self._refuse(_FIELD, sentence, program=True)

    def _refuse(self, field: str, message: str, *, program: bool = False) -> None:
        self._errors.append(FieldError(field, message))
        self._programs_only = self._programs_only and program

    def files(self) -> list[StoredDocument]:
        """The files, if nothing was wrong with any of them."""
        if not self._files and not self._errors:
            self._refuse(_FIELD, "Aucun fichier n’a été envoyé.")
        if self._errors:
            status = 415 if self._programs_only else 422
            code = "program" if self._programs_only else "invalid"
            raise Problem(status, detail="Ces fichiers ne peuvent pas être reçus.", errors=self._errors, code=code)
        return self._files


def _too_large(size: int, most: int) -> Problem:
    mebibytes = size // (1024 * 1024)
    return Problem(413, detail=f"{mebibytes}\u00a0Mo au plus par fichier, {most} fichiers au plus.", code="too-large")
