"""The catalogue as a file: fetched, changed, compared with what holds, applied once the differences were seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get, post

from services.portal.catalogue import wording
from services.portal.drafts.forms import Chunks, Fields, read_form, whole_number
from services.portal.drafts.store import new_id
from services.portal.look.typography import lower_first
from services.portal.upstream.http import FieldProblem, Refused
from services.portal.upstream.problems import FormField, shown, title_prefix
from services.portal.visit import Here, Visit
from shared.http.identity import SUPERVISORS
from shared.typography import NBSP
from shared.wire.catalogue import CatalogueDifference, CatalogueState, DryRun

#: A file is a few kilobytes; what is longer is none. Bytes.
_LONGEST: Final = 512 * 1024
_MOVED: Final = 412
_CHANGED: Final = "Le catalogue a changé entre-temps. Voici ce que le fichier changerait maintenant."
FIELDS: Final = {
    "toml": FormField(anchor="texte", label="Fichier", missing="Choisissez un fichier, ou collez son texte"),
    "reason": FormField(anchor="motif", label="Motif", missing="Dites pourquoi, pour l’historique"),
}


@get("/catalogue/fichier", access=SUPERVISORS, include_in_schema=False)
async def file_page(visit: Here) -> Response[str]:
    """Where the file is fetched from and brought back to."""
    return await _page(visit, {})


@post("/catalogue/fichier", access=SUPERVISORS, include_in_schema=False)
async def send_file(visit: Here) -> Response[Any]:
    """Show what a file would change, or apply it at the version for which that was shown."""
    posted = await _posted(visit)
    try:
        if "apply" in posted:
            return await _applied(visit, posted)
        found = await visit.intake.compare(posted.get("toml", ""))
    except Refused as refusal:
        if refusal.status == _MOVED:
            found = await visit.intake.compare(posted.get("toml", ""))
            return await _page(visit, posted, found, [FieldProblem("", _CHANGED)], status_code=409)
        errors = refusal.problem.errors or [FieldProblem("", refusal.problem.detail)]
        return await _page(visit, posted, problems=errors, status_code=refusal.status)
    return await _page(visit, posted, found)


async def _applied(visit: Visit, posted: Fields) -> Response[Any]:
    body = {"toml": posted.get("toml", ""), "reason": posted.get("reason", "")}
    version = whole_number(posted.get("version", "")) or 0
    await visit.intake.import_catalogue(body, posted.get("key") or new_id(), version=version)
    await visit.site.catalogue.renew(visit.query)
    return visit.redirect("/catalogue?fait=fichier")


async def _posted(visit: Visit) -> Fields:
    """The form; a file that was chosen goes before a text that was pasted."""
    held = bytearray()

    async def take(_name: str, _media_type: str, chunks: Chunks, _fields: Fields) -> None:
        async for chunk in chunks:
            held.extend(chunk[: _LONGEST - len(held)])

    fields = (await read_form(visit, take)).fields
    return fields | {"toml": held.decode("utf-8", "replace")} if held else fields


async def _page(
    visit: Visit,
    posted: Fields,
    found: CatalogueDifference | None = None,
    problems: Sequence[FieldProblem] = (),
    *,
    status_code: int = 200,
) -> Response[str]:
    """The page with the differences, and where incidents would go where routes are among them."""
    typed = {"toml": "", "reason": "", **posted}
    state = await visit.query.catalogue()
    errors = shown(map(_placed, problems), FIELDS, typed)
    return await visit.page(
        "catalogue/file.html",
        status_code=status_code,
        typed=typed,
        found=found,
        told=wording.told(found.changes, state) if found else [],
        trial=await _trial(visit, found, state) if found else None,
        problems=errors,
        prefix=title_prefix(errors),
        key=new_id(),
    )


def _placed(problem: FieldProblem) -> FieldProblem:
    """What is wrong inside the file says where: `subject.reseau.wifi.group`."""
    if not problem.field or problem.field in FIELDS:
        return problem
    return FieldProblem("toml", f"{problem.field}{NBSP}: {lower_first(problem.message)}")


async def _trial(visit: Visit, found: CatalogueDifference, state: CatalogueState) -> DryRun | None:
    """Where the last incidents would go; None where no route of a subject that there is would change."""
    known = {subject.subject for subject in state.subjects}
    routes = {
        change.code: field.after
        for change in found.changes
        if change.what == "subject" and change.code in known
        for field in change.fields
        if field.field == "group"
    }
    return await visit.query.dry_run(routes) if routes else None
