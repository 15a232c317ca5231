"""JSON bodies, read strictly, with every bad field reported at once.

msgspec stops at the first mistake; people want to hear of all of them. So each field is converted by itself, and
what a service knows beyond the type (a catalogue, a phone plan) is checked on the fields that were readable.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from litestar import Request
from msgspec import inspect

from shared.http.problems import FieldError, Problem, invalid
from shared.http.wording import complaint
from shared.text import clean_text, has_control, has_deceptive

T = TypeVar("T", bound=msgspec.Struct)

#: A short text on one line, such as a name: no line ends, no direction-turning characters.
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200, extra={"one_line": True})]
#: A text of any number of lines.
LongText = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
#: An address for mail, loosely: the mail server will judge.
Email = Annotated[
    str,
    msgspec.Meta(max_length=254, pattern=r"^[^@\s<>\",;:]+@[^@\s<>\",;:]+\.[^@\s<>\",;:.]+$", extra={"one_line": True}),
]

_SHOWN_NAME: Final = 64
_SHOWN_ERRORS: Final = 50
_UNREADABLE: Final = object()


class Body(Generic[T]):
    """A body on its way to a struct: conversions and checks gather errors, `done` gives the struct or raises.

    Args:
        struct: what the body must become.
        raw: its bytes.

    Attributes:
        given: the JSON object as it came.
        values: its fields as they could be read so far.
        errors: what was wrong with the others.

    Raises:
        Problem: 422 when this is not a JSON object at all.
    """

    def __init__(self, struct: type[T], raw: bytes) -> None:
        self._struct = struct
        self.given = _object(raw)
        self.errors: list[FieldError] = []
        self.values = _values(struct, self.given, "", self.errors)

    def check(self, field: str, judge: Callable[[Any], Any]) -> None:
        """Judge a field that was given and readable.

        Args:
            field: its name.
            judge: gives the value to keep, or raises ValueError with a French sentence.
        """
        value = self.values.get(field)
        if value is None:
            return
        try:
            self.values[field] = judge(value)
        except ValueError as error:
            self.refuse(field, str(error))

    def refuse(self, field: str, message: str) -> None:
        """Note a mistake that was found elsewhere."""
        self.errors.append(FieldError(field, message))

    def done(self) -> T:
        """The struct.

        Raises:
            Problem: 422 with every error found.
        """
        if self.errors:
            raise invalid(*self.errors[:_SHOWN_ERRORS], detail=_unlisted(len(self.errors) - _SHOWN_ERRORS))
        return self._struct(**self.values)


def _unlisted(more: int) -> str | None:
    """What to say of the errors beyond those that are listed; None takes the usual words."""
    return (
        f"Certaines informations sont manquantes ou incorrectes. Erreurs non listées\u00a0: {more}."
        if more > 0
        else None
    )


async def read_body(request: Request[Any, Any, Any], struct: type[T]) -> Body[T]:
    """Read the request's body as JSON.

    Raises:
        Problem: 415 for another media type, 422 when it is no JSON object.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {"application/json", ""}:
        raise Problem(415, detail="Cette adresse attend du JSON (application/json).", code="media-type")
    return Body(struct, await request.body())


def _object(raw: bytes) -> dict[str, Any]:
    if not raw:
        return {}
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(422, detail="Le corps de la requête n’est pas du JSON valable en UTF-8.", code="json") from error
    if not isinstance(value, dict):
        raise Problem(422, detail="Le corps de la requête doit être un objet JSON.", code="json")
    return value


class _Field(msgspec.Struct, frozen=True):
    """A field of a struct, looked up once: its names, its type and what the type says.

    Attributes:
        shown: its name in JSON.
        inner: its type inside `Annotated` and `| None`.
        one_line: whether it is a text without line ends.
        takes_none: whether null is a value of it.
    """

    name: str
    shown: str
    required: bool
    kind: Any
    inner: inspect.Type
    one_line: bool
    takes_none: bool


@cache
def _fields(struct: type[msgspec.Struct]) -> dict[str, _Field]:
    return {field.encode_name: _field(field) for field in msgspec.structs.fields(struct)}


def _field(field: msgspec.structs.FieldInfo) -> _Field:
    inner, extra, takes_none = _unwrapped(inspect.type_info(field.type))
    one_line = bool(extra.get("one_line"))
    return _Field(field.name, field.encode_name, field.required, field.type, inner, one_line, takes_none)


def _values(
    struct: type[msgspec.Struct], given: dict[str, Any], prefix: str, errors: list[FieldError]
) -> dict[str, Any]:
    """Convert each field by itself; what cannot be converted is left out and told."""
    fields = _fields(struct)
    errors.extend(
        FieldError(prefix + name[:_SHOWN_NAME], "Ce champ n’est pas prévu.") for name in given if name not in fields
    )
    values: dict[str, Any] = {}
    for field in fields.values():
        if field.shown in given:
            value = _converted(field, given[field.shown], prefix + field.shown, errors)
            if value is not _UNREADABLE:
                values[field.name] = value
        elif field.required:
            errors.append(FieldError(prefix + field.shown, "Ce champ est obligatoire."))
    return values


def _converted(field: _Field, value: Any, name: str, errors: list[FieldError]) -> Any:
    """The value as its type wants it, or `_UNREADABLE` with the reasons added to `errors`."""
    if value is None and field.takes_none:
        return None
    if isinstance(field.inner, inspect.StructType) and isinstance(value, dict):
        return _converted_struct(field.inner.cls, value, name, errors)
    if isinstance(value, str):
        value = clean_text(value)
        if reason := _unreadable_text(value, one_line=field.one_line):
            errors.append(FieldError(name, reason))
            return _UNREADABLE
    try:
        return msgspec.convert(value, field.kind)
    except msgspec.ValidationError:
        errors.extend(FieldError(name + path, message) for path, message in complaint(field.inner, value))
        return _UNREADABLE


def _converted_struct(struct: type[Any], value: dict[str, Any], name: str, errors: list[FieldError]) -> Any:
    before = len(errors)
    values = _values(struct, value, f"{name}.", errors)
    return struct(**values) if len(errors) == before else _UNREADABLE


def _unwrapped(info: inspect.Type) -> tuple[inspect.Type, dict[str, Any], bool]:
    """The type inside `Annotated` and `| None`, what `Meta.extra` says, and whether None is taken."""
    extra: dict[str, Any] = {}
    takes_none = False
    while True:
        if isinstance(info, inspect.Metadata):
            extra |= info.extra or {}
            info = info.type
        elif isinstance(info, inspect.UnionType) and info.includes_none:
            takes_none = True
            (info,) = [part for part in info.types if not isinstance(part, inspect.NoneType)]
        else:
            return info, extra, takes_none


def _unreadable_text(text: str, *, one_line: bool) -> str | None:
    if has_control(text):
        return "Ce texte contient des caractères de contrôle, qui ne sont pas acceptés."
    if one_line and ("\n" in text or "\t" in text):
        return "Ce texte doit tenir sur une seule ligne."
    if one_line and has_deceptive(text):
        return "Ce texte contient des caractères invisibles ou qui inversent le sens de lecture."
    return None
