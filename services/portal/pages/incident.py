"""The page of an incident, and what its requester may add to it."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any, Final
from urllib.parse import quote

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from services.portal.agents.actions import Desk, desk_for
from services.portal.agents.around import raw_lines
from services.portal.drafts.forms import whole_number
from services.portal.drafts.receiving import LOST, Received, opened, receive, resumed
from services.portal.drafts.store import BeingSent, Draft
from services.portal.upstream.http import KEY_USED, FieldProblem, Refused, ServiceDown
from services.portal.upstream.problems import FormField, Shown, shown, title_prefix
from services.portal.visit import GUEST, Here, Visit
from shared.http.identity import SIGNED_IN
from shared.phone import show
from shared.wire.incidents import AttachedDocument, IncidentDetail

#: The forms of the page: code (also its element and its draft's name) -> command of intake, and its fields in order.
FORMS: Final[dict[str, tuple[str, dict[str, FormField]]]] = {
    "maj": (
        "updates",
        {
            "text": FormField(
                anchor="maj-texte",
                label="Éléments complémentaires",
                missing="Écrivez un complément, joignez un document ou changez une coordonnée",
            ),
            "phone": FormField(anchor="maj-tel", label="Téléphone", missing="Écrivez un numéro de téléphone"),
            "availability": FormField(anchor="maj-dispo", label="Disponibilité", missing="Dites quand vous joindre"),
            "urgency": FormField(anchor="maj-urgence", label="Urgence", missing=""),
            "documents": FormField(anchor="maj-documents", label="Documents", missing=""),
        },
    ),
    "complement": (
        "updates",
        {
            "text": FormField(
                anchor="complement-texte", label="Complément", missing="Écrivez un complément ou joignez un document"
            ),
            "documents": FormField(anchor="complement-documents", label="Documents", missing=""),
        },
    ),
    "resolu": ("confirm", {}),
    "continue": (
        "refuse",
        {"text": FormField(anchor="continue-texte", label="Ce qui continue", missing="Dites ce qui ne va pas encore")},
    ),
    "satisfaction": (
        "rate",
        {
            "rating": FormField(anchor="satisfaction-1", label="Votre avis", missing="Choisissez une des réponses"),
            "text": FormField(anchor="satisfaction-texte", label="Quelques mots", missing=""),
        },
    ),
    "rouvrir": (
        "reopen",
        {"text": FormField(anchor="rouvrir-texte", label="Motif", missing="Dites ce qui est revenu")},
    ),
    "annuler": (
        "cancel",
        {"text": FormField(anchor="annuler-texte", label="Motif", missing="Dites en quelques mots pourquoi")},
    ),
}
#: What the page says after a form has arrived.
NOTICES: Final = {
    "maj": "Votre mise à jour est enregistrée et transmise.",
    "complement": "Votre complément est enregistré et transmis.",
    "resolu": "Merci, l’incident est clôturé.",
    "continue": "C’est noté, l’assistance reprend l’incident.",
    "satisfaction": "Merci, votre avis est enregistré.",
    "rouvrir": "L’incident est rouvert, l’assistance le reprend.",
    "annuler": "L’incident est annulé.",
}
_SENT_BEFORE: Final = "deja"
_SENT_BEFORE_WORDS: Final = (
    "Un premier envoi était déjà arrivé. Votre texte a changé depuis\u00a0: "
    "il est gardé, envoyez-le s’il dit autre chose."
)
_KEPT: Final = frozenset({"text", "phone", "availability", "urgency", "rating"})


@get("/incidents/{number:str}", access=SIGNED_IN, include_in_schema=False)
async def incident_page(
    visit: Here,
    number: FromPath[str],
    notice: Annotated[str, QueryParameter(name="avis")] = "",
    name: Annotated[str, QueryParameter(name="brouillon")] = "",
) -> Response[Any]:
    """Show the incident; forms are found as they were left."""
    incident = await visit.query.incident(number)
    for form in FORMS:
        await resumed(visit, name, f"{form}:{incident.number}")
    return await _page(visit, incident, notice=notice)


@get("/incidents/{number:str}/{form:str}", access=GUEST, include_in_schema=False)
async def form_address(visit: Here, number: FromPath[str], form: FromPath[str]) -> Redirect:
    """Somebody typed the address that a form posts to: show the form."""
    if form not in FORMS:
        raise NotFoundException
    return visit.redirect(f"/incidents/{quote(number, safe='')}#{form}")


@post("/incidents/{number:str}/{form:str}", access=GUEST, include_in_schema=False, request_max_body_size=None)
async def send(visit: Here, number: FromPath[str], form: FromPath[str]) -> Response[Any]:
    """Keep the form, then send it; a second click says what the first one brought."""
    if form not in FORMS:
        raise NotFoundException
    received = await receive(visit, f"{form}:{number}", _KEPT, f"/incidents/{quote(number, safe='')}", f"#{form}")
    if "remove" in received.posted:
        return visit.redirect(visit.return_to)
    incident = await visit.query.incident(number)
    try:
        async with visit.site.drafts.sending(visit.owner, received.draft.id):
            if sent := await visit.site.drafts.sent(visit.owner, received.draft.id):
                is_same = sent.says(received.draft)
                return _arrived(visit, sent.number, form) if is_same else await _again(visit, received)
            problems, status = await _send_once(visit, incident, form, received)
            if not problems:
                await visit.site.drafts.mark_sent(visit.owner, received.draft, incident.number)
    except _SentBefore:
        return await _again(visit, received)
    except BeingSent:
        problems, status = [_whole("Votre envoi est en cours, patientez un instant puis consultez cette page")], 503
    if not problems:
        return _arrived(visit, incident.number, form)
    return await _page(visit, incident, form=form, draft=received.draft, problems=problems, status_code=status)


class _SentBefore(Exception):
    """An earlier sending arrived although its answer was lost, and the text was changed since."""


def _arrived(visit: Visit, number: str, form: str) -> Redirect:
    return visit.redirect(f"/incidents/{number}?avis={form}#avis")


async def _again(visit: Visit, received: Received) -> Redirect:
    """Another text under a form that was sent becomes a draft of its own, and the page says so."""
    form, _, number = received.draft.form.partition(":")
    await visit.site.drafts.renew(visit.owner, received.draft, now=time.time())
    return visit.redirect(f"/incidents/{quote(number, safe='')}?avis={_SENT_BEFORE}#{form}")


async def _send_once(visit: Visit, incident: IncidentDetail, form: str, received: Received) -> tuple[list[Shown], int]:
    """What is to be corrected, with the status of the page that says so; nothing when it arrived."""
    command, fields = FORMS[form]
    draft = received.draft
    if received.problems:
        return shown(received.problems, fields, draft.fields), 422
    body = body_of(draft, incident, form)
    if fields and not body:
        return shown([FieldProblem(next(iter(fields)), "")], fields, {}), 422
    try:
        await visit.intake.command(incident.number, command, body, draft.id)
    except Refused as refusal:
        if refusal.problem.type == KEY_USED:
            raise _SentBefore from refusal
        errors = refusal.problem.errors or [FieldProblem("", refusal.problem.detail)]
        return shown(errors, fields, draft.fields), refusal.status
    except ServiceDown:
        kept = ". Votre texte est conservé" if fields else ""
        return [_whole(f"Le service ne répond pas{kept}, réessayez dans quelques instants")], 503
    return [], 303


def _whole(message: str) -> Shown:
    return Shown(anchor="contenu", label="Envoi", message=message)


def body_of(draft: Draft, incident: IncidentDetail, form: str) -> dict[str, Any]:
    """What intake is sent: only what was written or changed; empty when there is nothing to say."""
    fields = draft.fields
    body: dict[str, Any] = {}
    if "text" in FORMS[form][1] and fields.get("text", "").strip():
        body["text"] = fields["text"]
    if (rating := whole_number(fields.get("rating", ""))) is not None:
        body["rating"] = rating
    if form == "maj":
        now = {"phone": show(incident.phone), "availability": incident.availability, "urgency": incident.urgency.value}
        body |= {name: fields[name] for name in now if name in fields and fields[name].strip() != now[name]}
    if "documents" in FORMS[form][1] and draft.files:
        body["uploads"] = [str(file.id) for file in draft.files]
    return body


async def _page(
    visit: Visit,
    incident: IncidentDetail,
    *,
    notice: str = "",
    form: str = "",
    draft: Draft | None = None,
    problems: list[Shown] | None = None,
    status_code: int = 200,
) -> Response[str]:
    """The page, with the form that was posted as it was posted and the others as they were kept."""
    kept = await asyncio.gather(*(opened(visit, f"{code}:{incident.number}") for code in FORMS))
    shown_drafts = dict(zip(FORMS, kept, strict=True)) | ({form: draft} if draft else {})
    desk: Desk | None = await desk_for(visit, incident, notice) if visit.person.is_agent else None
    return await visit.page(
        "incident.html",
        status_code=status_code,
        incident=incident,
        entry_documents=documents_by_entry(incident),
        takes_part=incident.takes_part,
        stranded=_stranded(incident, shown_drafts, form if problems else ""),
        desk=desk,
        raw=await raw_lines(visit, incident.number) if desk else [],
        notice=NOTICES.get(notice, ""),
        sent_before=_SENT_BEFORE_WORDS if notice == _SENT_BEFORE else "",
        drafts=shown_drafts,
        lost={code: one.fields.get(LOST, "") for code, one in shown_drafts.items()},
        posted=form,
        problems={code: (problems or []) if code == form else [] for code in FORMS},
        prefix=title_prefix(problems or []),
        limit=visit.site.settings.document_size,
    )


def _stranded(incident: IncidentDetail, drafts: dict[str, Draft], refused: str) -> dict[str, Draft]:
    """What was typed, or has just been refused, for forms that the page does not have (any more)."""
    return {
        form: draft
        for form, draft in drafts.items()
        if (draft.fields.get("text", "").strip() or form == refused) and not _shows(incident, form)
    }


def _shows(incident: IncidentDetail, form: str) -> bool:
    """Whether the page has this form now."""
    command, _ = FORMS[form]
    action = "update" if command == "updates" else command
    return action in incident.actions and (form == "maj" or incident.takes_part)


def documents_by_entry(incident: IncidentDetail) -> dict[int, list[AttachedDocument]]:
    """The documents that came with each entry of the timeline, by its version."""
    found: dict[int, list[AttachedDocument]] = {}
    for document in incident.documents:
        found.setdefault(document.entry, []).append(document)
    return found
