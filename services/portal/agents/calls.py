"""« Nouvel appel »: an agent records what somebody says on the telephone, on one screen and with the keyboard alone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from services.portal.drafts.receiving import Received, receive, resumed
from services.portal.drafts.store import BeingSent, Draft, Sent, new_id
from services.portal.pages.create import FIELDS as CREATE_FIELDS
from services.portal.pages.create import body_of as create_body
from services.portal.pages.create import give_to
from services.portal.pages.recap import recap_of, remember
from services.portal.upstream.catalogue import by_group
from services.portal.upstream.http import KEY_USED, FieldProblem, Refused, ServiceDown
from services.portal.upstream.problems import FormField, Shown, shown, title_prefix
from services.portal.visit import GUEST, Here, Visit
from shared.events.vocabulary import Origin
from shared.http.identity import AGENTS
from shared.phone import show
from shared.wire.agents import CallerCard, KnownPeople

FORM: Final = "call"
PAGE: Final = "/appels/nouveau"

#: Who calls; in the order of the page they come before what they call about.
_CALLER: Final = {
    "requester": FormField(anchor="appelant", label="Appelant", missing="Dites qui appelle"),
    "requester_name": FormField(
        anchor="appelant-nom", label="Nom de l’appelant", missing="Écrivez le nom de l’appelant"
    ),
    "requester_email": FormField(
        anchor="appelant-mel", label="Courriel de l’appelant", missing="Écrivez l’adresse de l’appelant"
    ),
}
FIELDS: Final = _CALLER | {name: field for name, field in CREATE_FIELDS.items() if name != "documents"}
#: What is kept of the form; `person` is the id of somebody who was found.
KEPT: Final = frozenset(FIELDS) | {"person"}
_NOBODY: Final = KnownPeople(items=[], more=False)


@get(PAGE, access=AGENTS, include_in_schema=False)
async def call_page(visit: Here, name: Annotated[str, QueryParameter(name="brouillon")] = "") -> Response[Any]:
    """The form, empty or as far as it was filled; its address names the draft, so that a reload finds it again."""
    draft = await resumed(visit, name, FORM)
    if draft is None and (not name or await visit.site.drafts.sent(visit.owner, name)):
        name = new_id()
        await visit.site.drafts.promise(visit.owner, name)
        return visit.redirect(_address(name))
    other = None if draft else await visit.site.drafts.current(visit.owner, FORM)
    return await _page(visit, draft or Draft(id=name, form=FORM), other=other)


@post(PAGE, access=GUEST, include_in_schema=False, request_max_body_size=None)
async def send_call(visit: Here) -> Response[Any]:
    """Keep the form, then do what its button says: choose who calls, add to one of their incidents, or send."""
    received = await receive(visit, FORM, KEPT, PAGE)
    visit.check_role(AGENTS)
    draft = received.draft
    if elsewhere := await _pressed(visit, draft, received.posted):
        return elsewhere
    if not _is_named(draft):
        return await _search(visit, draft)
    try:
        async with visit.site.drafts.sending(visit.owner, draft.id):
            return await _send_once(visit, received)
    except BeingSent:
        return await _page(visit, draft, failure="being_sent", status_code=503)


@get("/appels/personnes", access=AGENTS, include_in_schema=False)
async def people_fragment(visit: Here, requester: FromQuery[str] = "") -> Response[str]:
    """The people that the form shows while one types; empty when there is nobody to show."""
    people = await _people(visit, requester)
    return visit.bare_page("agent/people.html", people=people, asked=requester.strip())


@get("/appels/{number:str}", access=AGENTS, include_in_schema=False)
async def call_recorded(visit: Here, number: FromPath[str]) -> Response[str]:
    """The number to read aloud, and what may be done while the caller is still there."""
    return await visit.page("call_recorded.html", recap=await recap_of(visit, number), key=new_id())


async def _pressed(visit: Visit, draft: Draft, posted: Mapping[str, str]) -> Redirect | None:
    """What another button than that which sends leads to; None where it was none."""
    if person := posted.get("pick"):
        return await _pick(visit, draft, person)
    if "change" in posted:
        return await _refilled(visit, draft, dict.fromkeys((*_CALLER, "person"), None))
    if number := posted.get("add_to"):
        return await give_to(visit, draft, number)
    if "discard" in posted:
        await visit.site.drafts.discard(visit.owner, draft.id)
        return visit.redirect(PAGE)
    return None


def _address(draft: str, **more: str) -> str:
    return f"{PAGE}?{urlencode({'brouillon': draft, **more})}"


def _is_named(draft: Draft) -> bool:
    """Whether the form says who calls, be it badly."""
    return any(draft.fields.get(name, "").strip() for name in ("requester_name", "requester_email"))


async def _search(visit: Visit, draft: Draft) -> Response[Any]:
    """Somebody who is found alone is chosen at once."""
    words = draft.fields.get("requester", "").strip()
    people = await _people(visit, words)
    if len(people.items) == 1:
        return await _pick(visit, draft, str(people.items[0].id))
    if words:
        return await _page(visit, draft, people=people, asked=words)
    problems = shown([FieldProblem("requester", "")], FIELDS, draft.fields)
    return await _page(visit, draft, problems=problems, status_code=422)


async def _people(visit: Visit, words: str) -> KnownPeople:
    """Those who are known; nobody where query cannot say: a new caller can be typed in."""
    try:
        return await visit.query.people(words)
    except (ServiceDown, Refused):
        return _NOBODY


async def _pick(visit: Visit, draft: Draft, person: str) -> Redirect:
    """Fill in who calls, and where they were reached last time unless something else was typed."""
    card = await _card(visit, person)
    if card is None:
        return visit.redirect(_address(draft.id))
    found: dict[str, str | None] = {
        "person": str(card.person.id),
        "requester_name": card.person.name,
        "requester_email": card.person.email,
    }
    reached = {"phone": show(card.phone) if card.phone else "", "availability": card.availability}
    found |= {name: value for name, value in reached.items() if value and not draft.fields.get(name, "").strip()}
    return await _refilled(visit, draft, found)


async def _refilled(visit: Visit, draft: Draft, fields: dict[str, str | None]) -> Redirect:
    await visit.site.drafts.keep(visit.owner, draft.id, FORM, fields, now=time.time())
    return visit.redirect(_address(draft.id))


async def _card(visit: Visit, person: str) -> CallerCard | None:
    """Who was chosen, with their incidents; None where they are not known (any more)."""
    try:
        return await visit.query.caller(person) if person else None
    except (ServiceDown, Refused):
        return None


async def _send_once(visit: Visit, received: Received) -> Response[Any]:
    """Send what was not sent yet; of a second press, say what the first one brought."""
    draft = received.draft
    if sent := await visit.site.drafts.sent(visit.owner, draft.id):
        return await _already_sent(visit, draft, sent)
    if received.problems:
        return await _refused(visit, draft, received.problems, 422)
    try:
        created = await visit.intake.create(body_of(draft), draft.id)
    except Refused as refusal:
        if refusal.problem.type == KEY_USED:
            return await _renewed(visit, draft, "oui")
        errors = refusal.problem.errors or [FieldProblem("", refusal.problem.detail)]
        return await _refused(visit, draft, errors, refusal.status)
    except ServiceDown:
        return await _page(visit, draft, failure="down", status_code=503)
    await remember(visit, created, draft)
    await visit.site.drafts.mark_sent(visit.owner, draft, created.number)
    return visit.redirect(f"/appels/{created.number}")


async def _already_sent(visit: Visit, draft: Draft, sent: Sent) -> Redirect:
    if sent.says(draft):
        return visit.redirect(f"/appels/{sent.number}")
    return await _renewed(visit, draft, sent.number)


async def _renewed(visit: Visit, draft: Draft, number: str) -> Redirect:
    """Other words under a form that was sent become a draft of their own."""
    fresh = await visit.site.drafts.renew(visit.owner, draft, now=time.time())
    return visit.redirect(_address(fresh.id, deja=number))


async def _refused(visit: Visit, draft: Draft, errors: list[FieldProblem], status: int) -> Response[str]:
    return await _page(visit, draft, problems=shown(errors, FIELDS, draft.fields), status_code=status)


def body_of(draft: Draft) -> dict[str, Any]:
    """What intake is sent: the incident of whoever calls, recorded by the agent."""
    fields = draft.fields
    caller = {"name": fields.get("requester_name", ""), "email": fields.get("requester_email", "")}
    return create_body(draft) | {"origin": Origin.PHONE, "requester": caller}


async def _page(
    visit: Visit,
    draft: Draft,
    *,
    problems: list[Shown] | None = None,
    people: KnownPeople = _NOBODY,
    asked: str = "",
    failure: str = "",
    other: Draft | None = None,
    status_code: int = 200,
) -> Response[str]:
    """The form with whatever there is to say about it; `asked` are the words that `people` were found by."""
    return await visit.page(
        "call.html",
        status_code=status_code,
        draft=draft,
        typed={**dict.fromkeys(KEPT, ""), **draft.fields},
        card=await _card(visit, draft.fields.get("person", "")),
        people=people,
        asked=asked,
        problems=problems or [],
        prefix=title_prefix(problems or []),
        failure=failure,
        other=other,
        already=visit.request.query_params.get("deja", ""),
        groups=by_group(await visit.site.catalogue.subjects(visit.query)),
    )
