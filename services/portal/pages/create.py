"""« Créer un incident »: the form, and what becomes of it."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect

from services.portal.drafts.receiving import LOST, Received, receive, resumed
from services.portal.drafts.store import BeingSent, Draft, Sent, new_id
from services.portal.knowledge.suggesting import suggested
from services.portal.pages.recap import remember
from services.portal.upstream.catalogue import by_group
from services.portal.upstream.http import KEY_USED, FieldProblem, Refused, ServiceDown
from services.portal.upstream.problems import FormField, Shown, shown, title_prefix
from services.portal.visit import GUEST, Here, Visit
from shared.events.vocabulary import Kind, Origin
from shared.http.identity import SIGNED_IN
from shared.logs import logger
from shared.phone import show
from shared.wire.incidents import IncidentItem

_log = logger(__name__)

FORM: Final = "create"
PAGE: Final = "/incidents/nouveau"

#: In the order of the page.
FIELDS: Final = {
    "beneficiary_name": FormField(
        anchor="ben-nom", label="Nom du bénéficiaire", missing="Écrivez le nom de la personne"
    ),
    "beneficiary_email": FormField(
        anchor="ben-mel", label="Courriel du bénéficiaire", missing="Écrivez l’adresse de la personne"
    ),
    "subject": FormField(anchor="objet", label="Objet", missing="Choisissez dans la liste ce qui s’approche le plus"),
    "phone": FormField(
        anchor="telephone",
        label="Téléphone",
        missing="Écrivez le numéro où vous rappeler, par exemple 01\u00a099\u00a000\u00a012\u00a034",
    ),
    "urgency": FormField(anchor="urgence", label="Urgence", missing="Choisissez ce que cela vous empêche de faire"),
    "availability": FormField(anchor="disponibilite", label="Disponibilité", missing="Dites quand vous joindre"),
    "description": FormField(
        anchor="description", label="Description", missing="Dites en quelques mots ce qui se passe"
    ),
    "documents": FormField(anchor="documents", label="Documents", missing=""),
    "follows": FormField(anchor="suite", label="Suite d’un incident", missing=""),
}
_KEPT: Final = frozenset(FIELDS) - {"documents"}


@get(PAGE, access=SIGNED_IN, include_in_schema=False)
async def form_page(
    visit: Here,
    name: Annotated[str, QueryParameter(name="brouillon")] = "",
    kind: Annotated[str, QueryParameter(name="type")] = "",
    subject: Annotated[str, QueryParameter(name="objet")] = "",
    former: Annotated[str, QueryParameter(name="suite")] = "",
) -> Response[Any]:
    """The form, empty or as far as it was filled; its address names the draft, so that a reload finds it again."""
    draft = await resumed(visit, name, FORM)
    if draft is None and (not name or await visit.site.drafts.sent(visit.owner, name)):
        name = new_id()
        await visit.site.drafts.promise(visit.owner, name)
        more = {key: value for key, value in (("type", kind), ("objet", subject), ("suite", former)) if value}
        return visit.redirect(f"{PAGE}?{urlencode({'brouillon': name, **more})}")
    other = None if draft else await visit.site.drafts.current(visit.owner, FORM)
    draft = draft or Draft(id=name, form=FORM, fields={"subject": subject, **await _taken_over(visit, former)})
    return await _page(visit, draft, kind=kind, other=other)


async def _taken_over(visit: Visit, former: str) -> dict[str, str]:
    """What a new incident begins with that follows another; without that one's content where it cannot be read."""
    if not former:
        return {}
    try:
        incident = await visit.query.incident(former)
    except (ServiceDown, Refused):
        return {"follows": former}
    return {"follows": incident.number, "subject": incident.subject, "phone": show(incident.phone)}


@post(PAGE, access=GUEST, include_in_schema=False, request_max_body_size=None)
async def send(visit: Here) -> Response[Any]:
    """Keep the form, then do what its button says: send, take a document out, or give it all to an open incident."""
    received = await receive(visit, FORM, _KEPT, PAGE)
    if "remove" in received.posted:
        return visit.redirect(f"{visit.return_to}#documents")
    if (number := received.posted.get("add_to")) and not received.problems:
        return await give_to(visit, received.draft, number)
    if "discard" in received.posted:
        await visit.site.drafts.discard(visit.owner, received.draft.id)
        return visit.redirect(PAGE)
    try:
        async with visit.site.drafts.sending(visit.owner, received.draft.id):
            return await _send_once(visit, received)
    except BeingSent:
        return await _page(visit, received.draft, failure="being_sent", status_code=503)


async def _send_once(visit: Visit, received: Received) -> Response[Any]:
    """Send what was not sent yet; of a second click, say what the first one brought."""
    draft, subject = received.draft, received.draft.fields.get("subject", "")
    confirmed = subject if subject in {received.posted.get("seen"), received.posted.get("confirmed")} else ""
    if sent := await visit.site.drafts.sent(visit.owner, draft.id):
        return await _already_sent(visit, received, sent)
    if received.problems:
        return await _page(
            visit, draft, problems=shown(received.problems, FIELDS, draft.fields), status_code=422, confirmed=confirmed
        )
    if subject != confirmed and (alike := await same_subject(visit, subject)):
        return await _page(visit, draft, alike=alike, interposed=True)
    return await _create(visit, draft, confirmed)


async def _create(visit: Visit, draft: Draft, confirmed: str) -> Response[Any]:
    try:
        created = await visit.intake.create(body_of(draft), draft.id)
    except Refused as refusal:
        if refusal.problem.type == KEY_USED:
            # An earlier sending arrived although its answer was lost, and the text was changed since.
            return await _renewed(visit, draft, "oui")
        errors = refusal.problem.errors or [FieldProblem("", refusal.problem.detail)]
        problems = shown(errors, FIELDS, draft.fields)
        return await _page(visit, draft, problems=problems, status_code=refusal.status, confirmed=confirmed)
    except ServiceDown:
        _log.warning("create_kept_for_later", draft=draft.id)
        return await _page(visit, draft, failure="down", status_code=503, confirmed=confirmed)
    await remember(visit, created, draft)
    await visit.site.drafts.mark_sent(visit.owner, draft, created.number)
    return visit.redirect(f"/incidents/{created.number}/confirmation")


async def _already_sent(visit: Visit, received: Received, sent: Sent) -> Redirect:
    """A second click leads to the same confirmation; another text under the same form becomes a draft of its own."""
    if sent.says(received.draft):
        return visit.redirect(f"/incidents/{sent.number}/confirmation")
    return await _renewed(visit, received.draft, sent.number)


async def _renewed(visit: Visit, draft: Draft, number: str) -> Redirect:
    fresh = await visit.site.drafts.renew(visit.owner, draft, now=time.time())
    return visit.redirect(f"{PAGE}?{urlencode({'brouillon': fresh.id, 'deja': number})}")


async def give_to(visit: Visit, draft: Draft, number: str) -> Redirect:
    """What was typed becomes the beginning of an update of that incident."""
    update = await visit.site.drafts.open(visit.owner, f"maj:{number}")
    begun, more = update.fields.get("text", ""), draft.fields.get("description", "")
    text = begun if more.strip() in begun else "\n\n".join(part for part in (begun.strip(), more.strip()) if part)
    fields = {**update.fields, "text": text}
    given = Draft(id=update.id, form=update.form, fields=fields, files=draft.files)
    await visit.site.drafts.copy(visit.owner, given, update.id, now=time.time())
    await visit.site.drafts.discard(visit.owner, draft.id)
    return visit.redirect(f"/incidents/{quote(number, safe='')}#maj")


def body_of(draft: Draft) -> dict[str, Any]:
    """What intake is sent."""
    fields = draft.fields
    body: dict[str, Any] = {
        name: fields.get(name, "") for name in ("phone", "subject", "availability", "urgency", "description")
    }
    body["origin"] = Origin.PORTAL
    if fields.get("beneficiary_name", "").strip() or fields.get("beneficiary_email", "").strip():
        body["beneficiary"] = {"name": fields.get("beneficiary_name", ""), "email": fields.get("beneficiary_email", "")}
    if fields.get("follows"):
        body["follows"] = fields["follows"]
    if draft.files:
        body["uploads"] = [str(file.id) for file in draft.files]
    return body


async def same_subject(visit: Visit, subject: str) -> list[IncidentItem]:
    """The person's open incidents on this subject; none when query cannot say, which must not stop anybody."""
    if not subject:
        return []
    try:
        return (await visit.query.incidents(status="open", subject=subject, limit=3)).items
    except (ServiceDown, Refused):
        return []


@get("/incidents/ouverts", access=SIGNED_IN, include_in_schema=False)
async def alike_fragment(visit: Here, subject: FromQuery[str] = "") -> Response[str]:
    """The notice that the form shows when a subject is chosen; empty when there is nothing to say."""
    alike = await same_subject(visit, subject)
    return visit.bare_page("parts/same_subject.html", alike=alike, interposed=False)


async def _page(
    visit: Visit,
    draft: Draft,
    *,
    problems: list[Shown] | None = None,
    alike: list[IncidentItem] | None = None,
    interposed: bool = False,
    failure: str = "",
    kind: str = "",
    other: Draft | None = None,
    confirmed: str = "",
    status_code: int = 200,
) -> Response[str]:
    """The form with whatever there is to say about it; `confirmed` is a subject whose open incidents were seen."""
    description, subject = draft.fields.get("description", ""), draft.fields.get("subject", "")
    subjects, known_errors = await asyncio.gather(
        visit.site.catalogue.subjects(visit.query), suggested(visit, description, subject)
    )
    if kind in set(Kind):
        subjects = [one for one in subjects if one.kind == kind or one.subject == "autre"]
    return await visit.page(
        "create.html",
        status_code=status_code,
        draft=draft,
        typed={**dict.fromkeys(FIELDS, ""), **draft.fields},
        problems=problems or [],
        prefix=title_prefix(problems or []),
        alike=alike or [],
        interposed=interposed,
        failure=failure,
        other=other,
        confirmed=confirmed,
        lost=draft.fields.get(LOST, ""),
        already=visit.request.query_params.get("deja", ""),
        groups=by_group(subjects),
        kind=kind,
        suggested=known_errors,
        limit=visit.site.settings.document_size,
    )
