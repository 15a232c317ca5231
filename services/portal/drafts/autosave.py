"""What scripts send while a person types: the texts of a form, and files as soon as they are chosen."""

from __future__ import annotations

import re
import time
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, post
from litestar.params import FromPath, QueryParameter

from services.portal.drafts.forms import read_form
from services.portal.drafts.receiving import Files, changed
from services.portal.drafts.store import KEPT, KEPT_SIGNED_OUT, Draft, is_id
from services.portal.upstream.problems import FormField, shown
from services.portal.visit import GUEST, Forbidden, Here

#: Fields of any form that are worth keeping.
_NAMES: Final = frozenset(
    {
        "requester",
        "requester_name",
        "requester_email",
        "beneficiary_name",
        "beneficiary_email",
        "subject",
        "phone",
        "urgency",
        "availability",
        "description",
        "follows",
        "text",
        "rating",
        "to",
        "reason",
        "until",
        "then",
        "into",
        "suggested",
        "known_error",
        "title",
        "symptoms",
        "workaround",
        "subject2",
        "subject3",
        "solved",
    }
)
_FORM: Final = re.compile(r"[a-z]{2,20}(:[0-9E][0-9]{6}_[0-9]{4,9}|:[0-9a-f-]{36})?")
_ANCHOR: Final = re.compile(r"[a-z-]{1,40}")

FormName = Annotated[str, QueryParameter(name="formulaire")]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the texts are kept, and since when in seconds since the epoch; not those of a form that was sent."""

    kept: bool
    saved_at: float | None = None


@post("/brouillon/{draft:str}", access=GUEST, include_in_schema=False, status_code=200)
async def autosave(visit: Here, draft: FromPath[str], form: FormName = "create") -> Response[Kept]:
    """Keep the texts of a form; while nobody is signed in, only of a form that was shown to somebody who was.

    Answers 409 for a form that was sent already.
    """
    fields = changed((await read_form(visit)).fields, _NAMES)
    _check(draft, form)
    drafts = visit.site.drafts
    if visit.session is None and not await drafts.promised(draft):
        raise Forbidden("unknown draft")
    now, seconds = time.time(), KEPT if visit.session else KEPT_SIGNED_OUT
    if not await drafts.keep(visit.owner, draft, form, fields, now=now, seconds=seconds):
        return Response(Kept(kept=False), status_code=409)
    await visit.site.presence.write(form, visit.session)
    return Response(Kept(kept=True, saved_at=now))


@post(
    "/brouillon/{draft:str}/fichiers",
    access=GUEST,
    include_in_schema=False,
    status_code=200,
    request_max_body_size=None,
)
async def attach(
    visit: Here,
    draft: FromPath[str],
    form: FormName = "create",
    anchor: Annotated[str, QueryParameter(name="champ")] = "documents",
) -> Response[Any]:
    """Keep files with the draft, and answer with the box of documents as it now stands.

    Answers 409 for a form that was sent already: what was chosen then goes with the next sending.
    """
    _check(draft, form)
    owner = visit.person.owner
    files = Files(visit)
    await files.read()
    if not _ANCHOR.fullmatch(anchor):
        raise Forbidden("anchor")
    for file in files.kept:
        if not await visit.site.drafts.add_file(owner, draft, form, file, now=time.time()):
            return Response(Kept(kept=False), status_code=409)
    field = {"documents": FormField(anchor=anchor, label="Documents", missing="")}
    return visit.bare_page(
        "parts/documents.html",
        status_code=422 if files.problems else 200,
        draft=await visit.site.drafts.load(owner, draft) or Draft(id=draft, form=form),
        problems=shown(files.problems, field, {}),
        anchor=anchor,
        limit=visit.site.settings.document_size,
    )


def _check(draft: str, form: str) -> None:
    if not is_id(draft) or not _FORM.fullmatch(form):
        raise Forbidden("draft")
