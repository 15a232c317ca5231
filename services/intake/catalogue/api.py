"""The routes that change the catalogue, for supervisors alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from services.intake.catalogue import deciding, judging
from services.intake.catalogue.forms import (
    CalendarForm,
    CannedTextForm,
    File,
    GroupForm,
    Import,
    Retirement,
    SubjectForm,
)
from services.intake.desk import GIVES, KEYED, AnyRequest, answer, begun
from shared.catalogue import Catalogue, CatalogueEvent, difference, parse_toml
from shared.catalogue_changes import DEFINED, changes
from shared.events.base import Event
from shared.events.catalogue import CalendarDefined, CannedTextDefined, GroupDefined, SubjectDefined
from shared.http.bodies import Body, read_body
from shared.http.identity import SUPERVISORS
from shared.http.problems import FieldError
from shared.wire.catalogue import CatalogueDifference, CatalogueWritten

#: The events of a change from the catalogue and the form; what is wrong with what could be read of the form.
Make = Callable[[Catalogue, Any], Sequence[CatalogueEvent]]
Judge = Callable[[Catalogue, Mapping[str, Any]], Iterable[FieldError]]

#: What the schema tells of whatever changes the catalogue.
CHANGING: Final[dict[str, Any]] = {
    "access": SUPERVISORS,
    "problems": {409, 412, 429},
    "takes": KEYED | {"If-Match": "La version que le catalogue doit avoir, entre guillemets."},
    "gives": GIVES | {"ETag": "La version du catalogue, entre guillemets."},
}
#: The longest file, however its characters are escaped in JSON. Bytes.
_FILE_SIZE: Final = 4 * 1024 * 1024


def _define_route(path: str, form: type[msgspec.Struct], kind: type[CatalogueEvent]) -> HTTPRouteHandler:
    """The route by which something is defined, changed or brought back; its form has the fields of the event."""
    part = DEFINED[kind]

    async def define(request: AnyRequest, code: FromPath[str]) -> Response[CatalogueWritten]:
        def judge(known: Catalogue, given: Mapping[str, Any]) -> Iterator[FieldError]:
            return judging.faults(known, known, kind, code, given)

        def make(known: Catalogue, given: msgspec.Struct) -> list[CatalogueEvent]:
            fields = {name: value for name, value in msgspec.to_builtins(given).items() if name != "reason"}
            return deciding.define(known, msgspec.convert(fields | {part.key: code}, kind))

        return await _changed(request, f"{part.what}:{code}", form, make, judge)

    name = f"define_{part.what}"
    return post(f"/v1/catalogue/{path}/{{code:str}}", body=form, **CHANGING, operation_id=name, summary=name)(define)


def _retire_route(path: str, what: str, retire: Callable[[Catalogue, str], list[CatalogueEvent]]) -> HTTPRouteHandler:
    """The route by which something is offered no longer; what carries it stays as it is."""

    async def gone(request: AnyRequest, code: FromPath[str]) -> Response[CatalogueWritten]:
        return await _changed(request, f"retire:{what}:{code}", Retirement, lambda known, _: retire(known, code))

    name, address = f"retire_{what}", f"/v1/catalogue/{path}/{{code:str}}/retire"
    return post(address, body=Retirement, **CHANGING, operation_id=name, summary=name)(gone)


@post("/v1/catalogue/import", body=Import, **CHANGING, operation_id="import", request_max_body_size=_FILE_SIZE)
async def import_file(request: AnyRequest) -> Response[CatalogueWritten]:
    """Bring the catalogue to what a file says; subjects and canned texts that it does not name are retired."""

    def make(known: Catalogue, given: Import) -> list[CatalogueEvent]:
        return difference(known, parse_toml(given.toml))

    return await _changed(request, "import", Import, make, _file_faults)


@post(
    "/v1/catalogue/difference",
    status_code=200,
    access=SUPERVISORS,
    body=File,
    problems={429},
    operation_id="compare",
    request_max_body_size=_FILE_SIZE,
)
async def compare(request: AnyRequest) -> Response[CatalogueDifference]:
    """What the import of a file would change; nothing is recorded."""
    desk, _ = await begun(request)
    body = await read_body(request, File)
    known, version = await desk.changing.current()
    given = _judged(body, known, _file_faults)
    found = changes(known, difference(known, parse_toml(given.toml)))
    return Response(CatalogueDifference(version=version, changes=found), headers={"ETag": f'"{version}"'})


async def _changed(
    request: AnyRequest, name: str, form: type[msgspec.Struct], make: Make, judge: Judge = lambda *_: ()
) -> Response[CatalogueWritten]:
    """Record a change and answer it.

    Args:
        request: as it came.
        name: of what is changed.
        form: its body.
        make: the events of it, once nothing is wrong.
        judge: what is wrong with it beyond the form.
    """
    desk, actor = await begun(request)
    body = await read_body(request, form)
    attempt = await desk.attempt(request, actor, body.given)

    def decide(known: Catalogue) -> Sequence[Event]:
        given = _judged(body, known, judge)
        return deciding.changed(actor.person, given.reason, make(known, given))

    kept = await desk.changing.change(name, decide, actor.person.id, attempt)
    return answer(kept, CatalogueWritten(version=kept.version, recorded_at=kept.recorded_at))


def _judged(body: Body[Any], known: Catalogue, judge: Judge) -> Any:
    """The form, unless something is wrong with it."""
    for fault in judge(known, msgspec.to_builtins(body.values)):
        body.refuse(fault.field, fault.message)
    return body.done()


def _file_faults(known: Catalogue, given: Mapping[str, Any]) -> Iterator[FieldError]:
    if "toml" not in given:
        return
    try:
        wanted = parse_toml(given["toml"])
    except ValueError as error:
        yield FieldError("toml", f"Ce fichier n’est pas un catalogue\u00a0: {error}")
    else:
        yield from judging.file_faults(known, wanted)


ROUTES: Final[list[ControllerRouterHandler]] = [
    _define_route("calendars", CalendarForm, CalendarDefined),
    _define_route("groups", GroupForm, GroupDefined),
    _define_route("subjects", SubjectForm, SubjectDefined),
    _define_route("canned-texts", CannedTextForm, CannedTextDefined),
    _retire_route("subjects", "subject", deciding.retire_subject),
    _retire_route("canned-texts", "canned", deciding.retire_canned_text),
    import_file,
    compare,
]
