"""Reading what a page posts: fields checked for size and origin, files passed on as they arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from litestar.exceptions import ClientException, SerializationException
from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from services.portal.visit import Forbidden, Visit

#: All texts of one form, in bytes; intake says what is too long for it, this only bounds memory.
TEXTS_SIZE: Final = 4 * 1024 * 1024
#: Largest posted form: all documents of an incident at once, and the texts.
FORM_SIZE: Final = 20 * 25 * 1024 * 1024 + TEXTS_SIZE
_PARTS: Final = 120
#: Longest whole number that a form may hold: no version, no length of time has more digits.
_DIGITS: Final = 9

Fields = dict[str, str]
Chunks = AsyncIterator[bytes]
#: Receives the name, the media type and the bytes of one file, and the fields that came before it; what it does not
#: read is skipped.
TakeFile = Callable[[str, str, Chunks, Fields], Awaitable[None]]


@dataclass
class Form:
    """What was posted.

    Attributes:
        fields: texts by name.
        cut_at: the file at which the form became too large: nothing of it and of what follows it can be relied on;
            None when the form was read to its end.
    """

    fields: Fields = field(default_factory=dict)
    cut_at: str | None = None


class _TooLarge(Exception):
    """The form goes on after all that is read of one."""


class _Parts:
    """A multipart body, pulled part by part.

    Raises:
        _TooLarge: there is more than `FORM_SIZE` bytes or `_PARTS` parts; what came before was handed out.
    """

    def __init__(self, body: AsyncIterator[bytes], boundary: str) -> None:
        self._body = body
        self._parser = PushMultipartParser(boundary)
        self._events: list[MultipartSegment | bytes | None] = []
        self._read = 0
        self._begun = 0

    async def next(self) -> MultipartSegment | None:
        """The head of the next part; None at the end."""
        while (event := await self._event()) is not _END:
            if isinstance(event, MultipartSegment):
                self._begun += 1
                if self._begun > _PARTS:
                    raise _TooLarge
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
            self._read += len(chunk)
            if self._read > FORM_SIZE:
                raise _TooLarge
            self._events.extend(self._parser.parse(chunk))
        return self._events.pop(0)


_END: Final = object()


async def read_form(visit: Visit, take_file: TakeFile | None = None) -> Form:
    """The posted form, its token checked; files go to `take_file` as they arrive.

    Of a form that is too large, what came first is kept: pages put their texts before their files. The route must
    set no smaller bound of its own (`request_max_body_size`).

    Args:
        visit: the request.
        take_file: what to do with a file; without it files are skipped.

    Raises:
        Forbidden: the form does not carry the session's token, or carries a file before it.
        ClientException: the body is broken or is no form.
    """
    kind, options = parse_options_header(visit.request.headers.get("content-type", ""))
    if kind == "application/x-www-form-urlencoded":
        fields = await _read_urlencoded(visit)
        visit.check_form(fields.pop("csrf", ""))
        return Form(fields)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise ClientException("no form")
    try:
        return await _Reading(visit, take_file).read(_Parts(visit.body(), options["boundary"]))
    except (MultipartError, SerializationException) as error:
        raise ClientException("broken form") from error


async def _read_urlencoded(visit: Visit) -> Fields:
    body = bytearray()
    async for chunk in visit.body():
        body += chunk
        if len(body) > TEXTS_SIZE:
            raise ClientException("form too long")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_PARTS, errors="strict")
    except ValueError as error:
        raise ClientException("broken form") from error
    fields: Fields = {}
    for name, value in pairs:
        add(fields, name, value)
    return fields


def add(fields: Fields, name: str, value: str) -> None:
    """Keep a value; of boxes with one name, each that is ticked stands on a line of its own."""
    fields[name] = f"{fields[name]}\n{value}" if name in fields else value


def whole_number(text: str) -> int | None:
    """The whole number that a field holds; None for anything else, and for one that is too long to be meant."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


class _Reading:
    """One multipart form being read. Its first part must be the token, so that nothing is taken from other pages."""

    def __init__(self, visit: Visit, take_file: TakeFile | None) -> None:
        self._visit = visit
        self._take_file = take_file
        self._form = Form()
        self._checked = False
        self._room = TEXTS_SIZE

    async def read(self, parts: _Parts) -> Form:
        """All of it, or as much as there is room for."""
        name = ""
        try:
            while (part := await parts.next()) is not None:
                if part.filename is None:
                    self._keep(part.name or "", await self._text(parts.chunks()))
                else:
                    name = part.filename or name
                    await self._pass_on(part, parts.chunks())
        except _TooLarge as error:
            if not name:
                raise ClientException("form too long") from error
            self._form.cut_at = name
        if not self._checked:
            self._visit.check_form("")
        return self._form

    def _keep(self, name: str, value: str) -> None:
        if name == "csrf" and not self._checked:
            self._visit.check_form(value)
            self._checked = True
        elif name:
            add(self._form.fields, name, value)

    async def _pass_on(self, part: MultipartSegment, chunks: Chunks) -> None:
        if not self._checked and self._visit.session is not None:
            raise Forbidden("file before token")
        if part.filename and self._take_file is not None:
            media_type = part.content_type or "application/octet-stream"
            await self._take_file(part.filename, media_type, chunks, self._form.fields)

    async def _text(self, chunks: Chunks) -> str:
        """A text, or the beginning of it when there is no room for more."""
        value = bytearray()
        async for chunk in chunks:
            value += chunk[: self._room]
            self._room -= min(self._room, len(chunk))
        try:
            return value.decode(errors="strict" if self._room else "ignore")
        except UnicodeDecodeError as error:
            raise ClientException("broken text") from error
