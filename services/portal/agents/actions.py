"""What an agent does about an incident, each command one form."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from litestar import post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from services.portal.access.returning import HOME, safe_return
from services.portal.agents.around import Around, around
from services.portal.agents.canned import insert
from services.portal.agents.merging import alike
from services.portal.agents.missed import COMMAND, SINCE, Missed
from services.portal.agents.saying import CHOICES, WITH_TEXT, Unsendable, groups_of, step_of
from services.portal.agents.sending import Step, send_if
from services.portal.drafts.receiving import Received, opened, receive, resumed
from services.portal.drafts.store import Draft, new_id
from services.portal.upstream.http import KEY_USED, Refused
from services.portal.visit import GUEST, Here, Visit
from shared.http.identity import AGENTS
from shared.life import COMMANDS
from shared.wire.incidents import IncidentDetail, IncidentItem
from shared.wire.subjects import SubjectItem

#: Commands of this page.
SENT: Final = frozenset(command for command, rule in COMMANDS.items() if rule.agent) - {"update"}

#: What the page says after a command, by the code that stands in the address.
DONE: Final[Mapping[str, str]] = {
    "take": "L’incident est à vous, le demandeur en est averti.",
    "release": "L’incident est rendu à l’équipe.",
    "transfer": "L’incident est transféré, il attend l’autre équipe.",
    "hold": "L’incident est en attente.",
    "resume": "L’incident est repris.",
    "reply": "Votre réponse est envoyée.",
    "note": "Votre note est gardée en interne.",
    "link": "L’erreur connue est liée, le demandeur la voit avec son contournement.",
    "resolve": "L’incident est résolu, le demandeur doit le confirmer.",
    "confirm": "L’incident est clôturé, le demandeur l’a confirmé.",
    "refuse": "L’incident est repris.",
    "close": "L’incident est clôturé.",
    "cancel": "L’incident est annulé.",
    "reopen": "L’incident est rouvert.",
    "merge": "L’incident est regroupé avec l’autre, les deux demandeurs en sont avertis.",
}
NOT_DONE: Final[Mapping[str, str]] = {
    "change": "Votre envoi attend\u00a0: l’incident a changé depuis que vous l’avez lu.",
    "impossible": "Ce n’est plus possible\u00a0: l’incident a changé d’état. Votre demande n’est pas partie.",
    "autre-equipe": "L’incident attend une autre équipe que les vôtres\u00a0: vous ne l’avez pas pris en charge.",
    "deja": "Un premier envoi était déjà arrivé. Celui-ci est gardé\u00a0: envoyez-le s’il dit autre chose.",
    "vide": "Écrivez un texte avant d’envoyer.",
    "destination": "Choisissez l’équipe ou l’objet.",
    "attente": "Dites ce que l’incident attend.",
    "date": "Choisissez le jour de la reprise, à partir de demain et dans moins d’un an.",
    "autre": "Indiquez le numéro d’un autre incident en cours, qui n’est ni clôturé, ni annulé, ni regroupé.",
    "erreur-connue": "Cette erreur connue n’existe pas, ou n’est plus en cours. Vérifiez son numéro.",
    "liee": "L’incident est déjà lié à cette erreur connue.",
    "refus": "Ce texte n’a pas été accepté. Il est gardé\u00a0: corrigez-le, puis envoyez de nouveau.",
}
#: What to say of a field that intake does not accept.
_FIELDS: Final[Mapping[str, str]] = {"until": "date", "into": "autre", "known_error": "erreur-connue"}
#: Types of the problems that the other incident of a merger may be.
_OTHER: Final = frozenset(f"urn:cecoia:problem:{code}" for code in ("same-incident", "leader-merged", "leader-ended"))
_CHANGED: Final = "change"
_FORBIDDEN, _IMPOSSIBLE, _INVALID = 403, 409, 422
_LINKED: Final = "urn:cecoia:problem:linked"
#: Where a form stands on its page, for those that take canned texts.
_ANCHORS: Final[Mapping[str, str]] = {"reply": "dire-reply", "resolve": "resoudre", "hold": "attente"}


class Desk(NamedTuple):
    """What an agent finds beside an incident.

    Attributes:
        keys: by command, the idempotency key of its form.
        texts: by command, what was typed and not sent.
        choices: by command, what was chosen besides, and not sent.
        subjects: those to which the incident could be transferred; empty where it cannot.
        alike: incidents that may say the same; empty where it cannot be merged.
        stranded: what was typed for commands that are no longer possible.
        done: what the last form achieved, in words; empty for nothing.
        not_done: why it achieved nothing; empty for nothing.
        missed: the form that was held back because others were faster; None for none.
        back: where the forms lead.
        around: what stands around the incident.
    """

    keys: dict[str, str]
    texts: dict[str, str]
    choices: dict[str, dict[str, str]]
    subjects: list[SubjectItem]
    alike: list[IncidentItem]
    stranded: list[str]
    done: str
    not_done: str
    missed: Missed | None
    back: str
    around: Around

    @property
    def groups(self) -> dict[str, str]:
        """Code and label of the groups to which the incident could be transferred."""
        return groups_of(self.subjects)


async def desk_for(visit: Visit, incident: IncidentDetail, notice: str = "") -> Desk:
    """The forms for the commands that are possible now; texts that were typed and not sent are found again."""
    keys, texts, choices = {}, {}, {}
    for command in SENT & set(incident.actions):
        if command in WITH_TEXT:
            form = _form(command, incident.number)
            await resumed(visit, visit.request.query_params.get("brouillon", ""), form)
            kept = await opened(visit, form)
            keys[command], texts[command], choices[command] = kept.id, kept.fields.get("text", ""), kept.fields
        else:
            keys[command] = new_id()
    stranded = await _stranded(visit, incident)
    subjects = await visit.site.catalogue.subjects(visit.query) if "transfer" in keys else []
    return Desk(
        keys,
        texts,
        choices,
        subjects,
        await alike(visit, incident) if "merge" in keys else [],
        stranded,
        _words(DONE, notice),
        _words(NOT_DONE, notice),
        Missed.read(visit.request.query_params) if _CHANGED in notice.split(",") else None,
        visit.address,
        await around(visit, incident),
    )


def _words(sentences: Mapping[str, str], notice: str) -> str:
    """The sentences of those codes of a notice that are among these."""
    return " ".join(sentences[code] for code in notice.split(",") if code in sentences)


async def _stranded(visit: Visit, incident: IncidentDetail) -> list[str]:
    """Texts whose command became impossible while they were written: they are shown, not dropped."""
    texts = []
    for command in sorted(WITH_TEXT - set(incident.actions)):
        form = _form(command, incident.number)
        named = await resumed(visit, visit.request.query_params.get("brouillon", ""), form)
        kept = named or await visit.site.drafts.current(visit.owner, form)
        if kept and kept.fields.get("text", "").strip():
            texts.append(kept.fields["text"])
    return texts


def _form(command: str, number: str) -> str:
    """Name under which drafts of that form are kept."""
    return f"{command}:{number}"


@post(
    "/incidents/{number:str}/actions/{command:str}", access=GUEST, include_in_schema=False, request_max_body_size=None
)
async def act(visit: Here, number: FromPath[str], command: FromPath[str]) -> Redirect:
    """Send one command and go back to where it was given; what was typed is kept until it has arrived."""
    if command not in SENT:
        raise NotFoundException
    page = f"/incidents/{quote(number, safe='')}"
    received = await receive(
        visit, _form(command, number), CHOICES.get(command, frozenset()) | {"text"}, page, "#actions-agent"
    )
    visit.check_role(AGENTS)
    back = received.posted.get("back", "")
    if "insert" in received.posted:
        await insert(visit, number, received)
        return visit.redirect(_back(back, number, {}, anchor=_ANCHORS.get(command, "")))
    read = Missed.read({SINCE: received.posted.get("version", ""), COMMAND: command})
    told = await _sent(visit, number, command, received, read)
    said = {"avis": ",".join(told)} | (read.query if read and _CHANGED in told else {})
    return visit.redirect(_back(back, number, said, anchor="" if set(told) <= set(DONE) else "avis"))


async def _sent(visit: Visit, number: str, command: str, received: Received, read: Missed | None) -> list[str]:
    """Send what the form says, in order; what was done before something failed stays done.

    Args:
        visit: the request.
        number: of the incident.
        command: of the form.
        received: the form.
        read: the version that it was written by; None for any.

    Returns:
        The codes of the notices to show: each command that arrived, and why the rest did not.
    """
    told: list[str] = []
    try:
        step, body = step_of(command, received)
        if "take" in received.posted and step != "take":
            told.append(await _take_first(visit, number, received.draft, read))
        await _send(visit, number, Step(step, body), received.draft, read)
    except Unsendable as unsendable:
        return [*told, unsendable.code]
    await visit.site.drafts.mark_sent(visit.owner, received.draft, number)
    return [*told, step]


async def _take_first(visit: Visit, number: str, draft: Draft, read: Missed | None) -> str:
    """Take the incident before the rest; who may not take it may still answer."""
    try:
        await _send(visit, number, Step("take"), draft, read, key=f"{draft.id}.take")
    except Refused as refusal:
        if refusal.status != _FORBIDDEN:
            raise
        return "autre-equipe"
    return "take"


async def _send(visit: Visit, number: str, step: Step, draft: Draft, read: Missed | None, *, key: str = "") -> None:
    """Send one command to the incident as its reader knows it, under the key of its draft or another one.

    Raises:
        Unsendable: it did not arrive; the code is that of the notice that says why.
        Refused: it is not for this person.
    """
    try:
        sent = await send_if(
            visit, number, step, key or draft.id, lambda incident: not (read and read.entries(incident))
        )
    except Refused as refusal:
        raise Unsendable(await _refused(visit, refusal, draft)) from refusal
    if sent is None:
        raise Unsendable(_CHANGED)


async def _refused(visit: Visit, refusal: Refused, draft: Draft) -> str:
    """The notice that says why."""
    if refusal.problem.type == KEY_USED:
        # An earlier sending arrived although its answer was lost; these are other words, hence another sending.
        await visit.site.drafts.renew(visit.owner, draft, now=time.time())
        return "deja"
    if named := _FIELDS.keys() & {error.field for error in refusal.problem.errors}:
        return _FIELDS[named.pop()]
    if refusal.problem.type in _OTHER:
        return "autre"
    if refusal.problem.type == _LINKED:
        return "liee"
    notice = {_INVALID: "refus", _IMPOSSIBLE: "impossible"}.get(refusal.status)
    if notice is None:
        raise refusal
    return notice


def _back(page: str, number: str, told: dict[str, str], *, anchor: str) -> str:
    """The page that the form stood on, saying what happened; a queue keeps its filters and the incident beside it."""
    parts = urlsplit(safe_return(page))
    path = f"/incidents/{number}" if parts.path == HOME else parts.path
    kept = {**dict(parse_qsl(parts.query)), "incident": number} if path.startswith("/files/") else {}
    kept = {name: value for name, value in kept.items() if name not in {"avis", SINCE, COMMAND}}
    return urlunsplit(("", "", path, urlencode({**kept, **told}), anchor))
