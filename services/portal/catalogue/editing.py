"""The form of a definition: shown, tried on the last incidents where it changes a route, sent, kept where it cannot be.

Two supervisors may work on the catalogue at once. Only who changed the same definition stands in another's way: their
change is shown beside what was typed, and the next sending is meant.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from services.portal.catalogue import wording
from services.portal.catalogue.parts import PARTS, RETIRABLE, SUBJECTS, Part
from services.portal.drafts.forms import read_form, whole_number
from services.portal.drafts.receiving import Received, opened, receive
from services.portal.drafts.store import Draft, new_id
from services.portal.upstream.http import KEY_USED, FieldProblem, Refused
from services.portal.upstream.problems import shown, title_prefix
from services.portal.visit import GUEST, Here, Visit
from shared.codes import code_fault
from shared.http.identity import SUPERVISORS
from shared.wire.catalogue import CatalogueState, CatalogueStep

_MOVED: Final = 412
_TRIES: Final = 4  # others may change other things at the same time, and an earlier sending may have arrived


class Form(NamedTuple):
    """A form as it stands.

    Attributes:
        part: of the catalogue.
        code: what it defines; empty while that is to be chosen.
        state: the catalogue now.
        draft: what was typed and not sent.
        typed: its controls, those that were left alone as the catalogue has them.
        version: of the catalogue that the person has read.
    """

    part: Part
    code: str
    state: CatalogueState
    draft: Draft
    typed: dict[str, str]
    version: int

    @property
    def address(self) -> str:
        """Its page."""
        return _address(self.part, self.code)

    @property
    def is_retired(self) -> bool:
        """Whether it is a subject that is offered no longer."""
        return bool(getattr(self.part.find(self.state, self.code), "retired", False))


def _part(path: str) -> Part:
    if path not in PARTS:
        raise NotFoundException
    return PARTS[path]


def _address(part: Part, code: str) -> str:
    return f"/catalogue/{part.path}/{quote(code, safe='')}" if code else f"/catalogue/{part.path}"


@get("/catalogue/{part:str}", access=SUPERVISORS, include_in_schema=False)
async def new_page(visit: Here, part: FromPath[str]) -> Response[str]:
    """The form of something new."""
    return await _page(visit, await _begun(visit, _part(part), ""))


@get("/catalogue/{part:str}/{code:str}", access=SUPERVISORS, include_in_schema=False)
async def edit_page(visit: Here, part: FromPath[str], code: FromPath[str]) -> Response[str]:
    """The form of a definition, as the catalogue has it or as far as it was changed."""
    return await _page(visit, await _begun(visit, _part(part), code))


@post("/catalogue/{part:str}", access=GUEST, include_in_schema=False)
async def send_new(visit: Here, part: FromPath[str]) -> Response[Any]:
    """Define something new."""
    return await _received(visit, _part(part), "")


@post("/catalogue/{part:str}/{code:str}", access=GUEST, include_in_schema=False)
async def send(visit: Here, part: FromPath[str], code: FromPath[str]) -> Response[Any]:
    """Change a definition, or bring back what was retired."""
    return await _received(visit, _part(part), code)


@post("/catalogue/{part:str}/{code:str}/retrait", access=SUPERVISORS, include_in_schema=False)
async def retire(visit: Here, part: FromPath[str], code: FromPath[str]) -> Redirect:
    """Offer something no longer."""
    kept = _part(part)
    if kept.path not in RETIRABLE:
        raise NotFoundException
    posted = (await read_form(visit)).fields
    reason = posted.get("reason", "").strip()
    if not reason:
        return visit.redirect(f"{_address(kept, code)}?avis=motif#retrait")
    await visit.intake.retire(kept.route, code, {"reason": reason}, posted.get("key") or new_id())
    await visit.site.catalogue.renew(visit.query)
    return visit.redirect(f"/catalogue?fait=retrait#{kept.path}")


async def _begun(visit: Visit, part: Part, code: str) -> Form:
    """The form as its page shows it first."""
    return await _form(visit, part, code, await opened(visit, _name(part, code)))


async def _form(visit: Visit, part: Part, code: str, draft: Draft) -> Form:
    state = await visit.query.catalogue()
    found = part.find(state, code)
    if code and found is None:
        raise NotFoundException
    shown_first = part.typed(found) if found else dict(part.blank)
    typed = dict.fromkeys(part.names, "") | shown_first | draft.fields
    read = whole_number(draft.fields.get("version", ""))
    return Form(part, code, state, draft, typed, state.version if read is None else read)


def _name(part: Part, code: str) -> str:
    """Name under which drafts of the form are kept."""
    return f"catalogue:{part.path}:{code}"


async def _received(visit: Visit, part: Part, code: str) -> Response[Any]:
    """Keep what was posted, then do what its button says."""
    received = await receive(visit, _name(part, code), part.names | {"version"}, _address(part, code))
    visit.check_role(SUPERVISORS)
    if "discard" in received.posted:
        await visit.site.drafts.discard(visit.owner, received.draft.id)
        return visit.redirect(_address(part, code))
    if "confirmed" in received.posted and await visit.site.drafts.sent(visit.owner, received.draft.id):
        return _done(visit, part)  # pressed twice
    form = await _form(visit, part, code, await _whole(visit, part, received))
    problems = [*received.problems, *_problems(form)]
    if problems:
        return await _page(visit, form, problems=problems, status_code=422)
    if _reroutes(form) and received.posted.get("confirmed") != form.typed["group"]:
        return await _tried(visit, form)
    return await _sent(visit, form)


async def _whole(visit: Visit, part: Part, received: Received) -> Draft:
    """The draft with the boxes that were left without a tick, which browsers do not send."""
    draft = received.draft
    if "version" not in received.posted:  # the page of the trial confirms what was kept
        return draft
    unsaid = {name: "" for name in part.inputs if name not in received.posted}
    await visit.site.drafts.keep(visit.owner, draft.id, draft.form, unsaid, now=time.time())
    return Draft(id=draft.id, form=draft.form, fields=draft.fields | unsaid)


def _problems(form: Form) -> list[FieldProblem]:
    """What is wrong with the code of something new; the rest is for intake to say."""
    if form.code:
        return []
    code = form.typed["code"].strip()
    if fault := code_fault(code):
        return [FieldProblem("code", fault)]
    return [FieldProblem("code", "Ce code est déjà pris.")] if form.part.find(form.state, code) else []


def _reroutes(form: Form) -> bool:
    """Whether incidents on a subject that there is would go to another group that there is."""
    subject = form.part.find(form.state, form.code) if form.part is SUBJECTS else None
    groups = {group.group for group in form.state.groups}
    return subject is not None and form.typed["group"] in groups - {subject.group}


async def _tried(visit: Visit, form: Form) -> Response[str]:
    """« Où iraient les 500 derniers incidents ? », before the route is changed."""
    trial = await visit.query.dry_run({form.code: form.typed["group"]})
    return await visit.page("catalogue/trial.html", form=form, trial=trial)


async def _sent(visit: Visit, form: Form) -> Response[Any]:
    """Send it, and go back to the catalogue; whatever stands in the way is shown on the form."""
    code, draft, version = form.code or form.typed["code"].strip(), form.draft, form.version
    body = form.part.body(form.typed) | {"reason": form.typed["reason"]}
    for _ in range(_TRIES):
        try:
            written = await visit.intake.define(form.part.route, code, body, draft.id, version=version)
        except Refused as refusal:
            if refusal.problem.type == KEY_USED:
                draft = await visit.site.drafts.renew(visit.owner, draft, now=time.time())
                continue
            if refusal.status != _MOVED:
                errors = refusal.problem.errors or [FieldProblem("", refusal.problem.detail)]
                return await _page(visit, form, problems=errors, status_code=refusal.status)
            later = await _later(visit, version)
            version = later[0].version if later else version
            if theirs := [step for step in later if _speaks_of(step, form.part, code)]:
                return await _page(visit, await _again(visit, form, draft, version), theirs=theirs, status_code=409)
        else:
            await visit.site.drafts.mark_sent(visit.owner, draft, str(written.version))
            await visit.site.catalogue.renew(visit.query)
            return _done(visit, form.part)
    return await _page(visit, form, problems=[FieldProblem("", _BUSY)], status_code=503)


def _done(visit: Visit, part: Part) -> Redirect:
    return visit.redirect(f"/catalogue?fait={part.path}#{part.path}")


_BUSY: Final = "Le catalogue est modifié par plusieurs personnes en même temps. Réessayez."


async def _later(visit: Visit, version: int) -> list[CatalogueStep]:
    """What was changed after a version, newest first."""
    return [step for step in (await visit.query.catalogue_history(limit=100)).items if step.version > version]


def _speaks_of(step: CatalogueStep, part: Part, code: str) -> bool:
    return any((change.what, change.code) == (part.what, code) for change in step.changes)


async def _again(visit: Visit, form: Form, draft: Draft, version: int) -> Form:
    """The same form, made from the catalogue as it is now: who sends it again has seen what changed."""
    said = {"version": str(version)}
    await visit.site.drafts.keep(visit.owner, draft.id, draft.form, said, now=time.time())
    kept = Draft(id=draft.id, form=draft.form, fields={**form.draft.fields, **said})
    return await _form(visit, form.part, form.code, kept)


async def _page(
    visit: Visit,
    form: Form,
    *,
    problems: Sequence[FieldProblem] = (),
    theirs: Sequence[CatalogueStep] = (),
    status_code: int = 200,
) -> Response[str]:
    """The form with what there is to correct, and what somebody else changed meanwhile."""
    found = shown(problems, form.part.problems, _said(form.typed))
    return await visit.page(
        f"catalogue/{form.part.path}.html",
        status_code=status_code,
        form=form,
        typed=form.typed,
        problems=found,
        prefix=title_prefix(found),
        theirs=[(step, wording.told(step.changes, form.state)) for step in theirs],
        key=new_id(),
        notice=visit.request.query_params.get("avis", ""),
    )


def _said(typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by field: a target has two controls."""
    pairs = {name[:-2]: typed[name] + typed.get(f"{name[:-2]}_m", "") for name in typed if name.endswith("_h")}
    return {**typed, **pairs, "open": "x"}
