"""Reading what a page posts: fields checked for size and origin, files passed on as they arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final
from urllib.parse import parse_qsl

from litestar.exceptions import ClientException, SerializationException
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from services.portal.visit import Forbidden, Visit

#: Longest text of one field, in bytes; intake says what is too long for it, this only bounds memory.
FIELD_SIZE: Final = 512 * 1024
_FIELDS: Final = 60
_FORM_SIZE: Final = 2 * 1024 * 1024

Fields = dict[str, str]
Chunks = AsyncIterator[bytes]
#: Receives the name, the media type and the bytes of one file, and the fields that came before it; what it does not
#: read is skipped.
TakeFile = Callable[[str, str, Chunks, Fields], Awaitable[None]]


class _Parts:
    """A multipart body, pulled part by part."""

    def __init__(self, body: AsyncIterator[bytes], boundary: str) -> None:
        self._body = body
        self._parser = PushMultipartParser(boundary, max_segment_count=_FIELDS * 2)
        self._events: list[MultipartSegment | bytes | None] = []

    async def next(self) -> MultipartSegment | None:
        """The head of the next part; None at the end."""
        while (event := await self._event()) is not _END:
            if isinstance(event, MultipartSegment):
                return event
        return None

    async def chunks(self) -> Chunks:
        """The bytes of the part whose head came last."""
        while isinstance(event := await self._event(), bytes | bytearray):
            yield bytes(event)

    async def _event(self) -> object:
        while not self._events:
            if self._parser.closed:
                return _END
            chunk = await anext(self._body, b"")
            self._events.extend(self._parser.parse(chunk))
        return self._events.pop(0)


_END: Final = object()


async def read_form(visit: Visit, take_file: TakeFile | None = None) -> Fields:
    """The fields of the posted form, its token checked; files go to `take_file` as they arrive.

    Args:
        visit: the request.
        take_file: what to do with a file; without it files are skipped.

    Raises:
        Forbidden: the form does not carry the session's token, or carries a file before it.
        ClientException: the body is cut or is no form.
    """
    kind, options = parse_options_header(visit.request.headers.get("content-type", ""))
    if kind == "application/x-www-form-urlencoded":
        fields = await _read_urlencoded(visit)
        visit.check_form(fields.pop("csrf", ""))
        return fields
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise ClientException("no form")
    try:
        return await _read_multipart(visit, options["boundary"], take_file)
    except (MultipartError, SerializationException) as error:
        raise ClientException("broken form") from error


async def _read_urlencoded(visit: Visit) -> Fields:
    body = bytearray()
    async for chunk in visit.body():
        body += chunk
        if len(body) > _FORM_SIZE:
            raise ClientException("form too long")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"))
    except ValueError as error:
        raise ClientException("broken form") from error


async def _read_multipart(visit: Visit, boundary: str, take_file: TakeFile | None) -> Fields:
    """The first part must be the token, so that nothing is taken from a page that is not ours."""
    parts = _Parts(visit.body(), boundary)
    fields: Fields = {}
    checked = False
    while (part := await parts.next()) is not None:
        if part.filename is None:
            name, value = part.name or "", await _text(parts.chunks())
            if name == "csrf" and not checked:
                visit.check_form(value)
                checked = True
            elif name:
                fields[name] = value
            continue
        if not checked and visit.session is not None:
            raise Forbidden("file before token")
        if part.filename and take_file is not None:
            await take_file(part.filename, part.content_type or "application/octet-stream", parts.chunks(), fields)
    if not checked:
        visit.check_form("")
    return fields


async def _text(chunks: Chunks) -> str:
    value = bytearray()
    async for chunk in chunks:
        value += chunk
        if len(value) > FIELD_SIZE:
            raise ClientException("field too long")
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise ClientException("broken text") from error
