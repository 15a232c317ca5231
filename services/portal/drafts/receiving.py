"""A posted form becomes a draft before anything else happens: whatever fails afterwards, nothing typed is lost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import msgspec

from services.portal.access.session import browser_owner
from services.portal.drafts.forms import Chunks, read_form
from services.portal.drafts.store import KEPT_SIGNED_OUT, Draft, is_id, new_id
from services.portal.look.typography import lower_first
from services.portal.upstream.http import FieldProblem, Refused, ServiceDown
from services.portal.visit import SignInNeeded, Visit
from shared.typography import NBSP
from shared.wire.recorded import Document

#: Name under which a draft remembers files that could not be kept; the form asks for them again.
LOST: Final = "lost_files"

#: A text with more characters than this is not sent to intake, which reads no such body.
_LONGEST: Final = 100_000
_TOO_LONG: Final = "Ce texte est beaucoup trop long, raccourcissez-le ou joignez-le comme document"


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What came in: the draft as it now stands, everything posted, what was wrong with files."""

    draft: Draft
    posted: Mapping[str, str]
    problems: list[FieldProblem]


class Files:
    """Takes the files of one form: to intake while signed in, otherwise to where they wait for signing in."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self.kept: list[Document] = []
        self.lost: list[str] = []
        self.problems: list[FieldProblem] = []

    async def read(self) -> Mapping[str, str]:
        """Read the posted form and take its files; returns its fields, all of them even if it is too large."""
        form = await read_form(self._visit, self.take)
        if form.cut_at is not None:
            self._miss(form.cut_at)
        return form.fields

    def _miss(self, filename: str) -> None:
        """The form was too large, from this file on."""
        if self._visit.session is None:
            self.lost.append(filename)
            return
        words = f"L’envoi est trop volumineux. Il manque «{NBSP}{filename}{NBSP}» et ce qui suivait"
        self.problems.append(FieldProblem("documents", f"{words}{NBSP}: joignez-les en plusieurs fois"))

    async def take(self, filename: str, media_type: str, chunks: Chunks, fields: Mapping[str, str]) -> None:
        """Take one file; what is wrong with it is told with the form."""
        if self._visit.session is None:
            if not await self._keep_waiting(filename, media_type, chunks, fields.get("draft", "")):
                self.lost.append(filename)
            return
        await self.send(filename, media_type, chunks)

    async def _keep_waiting(self, filename: str, media_type: str, chunks: Chunks, draft: str) -> bool:
        site = self._visit.site
        if not is_id(draft) or not await site.drafts.promised(draft):
            return False
        return await site.waiting.keep(self._visit.owner, draft, filename, media_type, chunks)

    async def send(self, filename: str, media_type: str, chunks: Chunks) -> bool:
        """Send one file to intake; whether it arrived."""
        try:
            self.kept.append(await self._visit.intake.upload(filename, media_type, chunks))
        except Refused as refusal:
            told = [error.message for error in refusal.problem.errors]
            told = told or [f"{filename}\u00a0: {lower_first(refusal.problem.detail)}"]
            self.problems.extend(FieldProblem("documents", message) for message in told)
        except ServiceDown:
            words = "ce document n’a pas pu être envoyé, joignez-le de nouveau"
            self.problems.append(FieldProblem("documents", f"{filename}\u00a0: {words}"))
        else:
            return True
        return False


async def receive(visit: Visit, form: str, names: frozenset[str], page: str, anchor: str = "") -> Received:
    """Read the form and keep it.

    Args:
        visit: the request.
        form: which form; drafts are found again under this name.
        names: fields to keep.
        page: address of the page with the form, where signing in leads back to.
        anchor: element of that page, if not its top.

    Raises:
        SignInNeeded: nobody is signed in; what was typed waits for whoever signs in here (only the person for
            whom the form was made, where that is known).
    """
    files = Files(visit)
    posted = await files.read()
    name = posted.get("draft", "")
    name = name if is_id(name) else new_id()
    fields = changed(posted, names)
    drafts = visit.site.drafts
    if visit.session is None and not await drafts.promised(name):
        raise SignInNeeded(f"{page}{anchor}")
    visit.return_to = f"{page}?brouillon={quote(name)}{anchor}"
    if visit.session is None:
        kept = {**fields, LOST: ", ".join(files.lost) or None}
        await drafts.keep(visit.owner, name, form, kept, now=time.time(), seconds=KEPT_SIGNED_OUT)
        raise SignInNeeded(visit.return_to, kept=True)
    draft = Draft(id=name, form=form, fields={k: v for k, v in fields.items() if v is not None}, files=files.kept)
    if await drafts.keep(visit.owner, name, form, {**fields, LOST: None}, now=time.time()):
        draft = await _with_files(visit, draft, posted.get("remove"))
    return Received(draft=draft, posted=posted, problems=[*_too_long(fields), *files.problems])


async def _with_files(visit: Visit, posted: Draft, removed: str | None) -> Draft:
    """The draft as it stands once the posted files are added and one is taken out."""
    drafts = visit.site.drafts
    for file in posted.files:
        await drafts.add_file(visit.owner, posted.id, posted.form, file, now=time.time())
    if removed:
        await drafts.remove_file(visit.owner, posted.id, removed)
    return await drafts.load(visit.owner, posted.id) or posted


def _too_long(fields: Mapping[str, str | None]) -> list[FieldProblem]:
    return [FieldProblem(name, _TOO_LONG) for name, value in fields.items() if value and len(value) > _LONGEST]


def changed(posted: Mapping[str, str], names: frozenset[str]) -> dict[str, str | None]:
    """What to keep of a form: None for a field that still says what the page showed (`was_…`).

    Otherwise a draft begun days ago would bring back values that others have changed since.
    """
    return {
        name: None if posted.get(f"was_{name}", "").strip() == value.strip() and f"was_{name}" in posted else value
        for name, value in posted.items()
        if name in names
    }


async def opened(visit: Visit, form: str) -> Draft:
    """The draft that the page of a form carries, with what the person typed there after their session ended."""
    draft = await visit.site.drafts.open(visit.person.owner, form)
    return await resumed(visit, draft.id, form) or draft


async def resumed(visit: Visit, draft: str, form: str) -> Draft | None:
    """The draft that an address names, with what the person typed in this browser after their session ended."""
    if not is_id(draft):
        return None
    drafts, owner, name = visit.site.drafts, visit.person.owner, draft
    if visit.known_browser:
        browser = browser_owner(visit.known_browser)
        if handed := await drafts.hand_over(browser, draft, owner, now=time.time()):
            name = handed.id
        if await drafts.promised(draft) == owner:
            await _collect(visit, browser, draft, Draft(id=name, form=form))
    found = await drafts.load(owner, name)
    return found if found and found.form == form else None


async def _collect(visit: Visit, browser: str, waited: str, draft: Draft) -> None:
    """Send the documents that waited to intake, one by one; those that do not arrive are asked for again."""
    site, files, lost = visit.site, Files(visit), []
    for one in await site.waiting.listed(browser, waited):
        if await files.send(one.filename, one.media_type, site.waiting.chunks(one)):
            await site.drafts.add_file(visit.owner, draft.id, draft.form, files.kept[-1], now=time.time())
        else:
            lost.append(one.filename)
        await site.waiting.forget(browser, waited, one)
    if lost:
        known = await site.drafts.load(visit.owner, draft.id)
        before = [known.fields[LOST]] if known and known.fields.get(LOST) else []
        await site.drafts.keep(visit.owner, draft.id, draft.form, {LOST: ", ".join(before + lost)}, now=time.time())
