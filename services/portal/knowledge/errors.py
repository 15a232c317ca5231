"""« Erreurs connues »: the list for everybody, the page of each, and what agents write there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from services.portal.drafts.receiving import opened, receive, resumed
from services.portal.drafts.store import Draft
from services.portal.knowledge.sending import Unsent, send
from services.portal.knowledge.writing import CHOSEN, form_page, subjects_of
from services.portal.upstream.problems import FormField, Shown, title_prefix
from services.portal.visit import GUEST, Here, Visit
from shared.events.vocabulary import KnownErrorState
from shared.http.identity import AGENTS, SIGNED_IN
from shared.wire.knowledge import KnownErrorItem

PAGE: Final = "/erreurs-connues"
NEW: Final = f"{PAGE}/nouvelle"
_FORM: Final = "knowledge/new_error.html"
#: Code -> label of the segments above the list.
SEGMENTS: Final = {"": "En cours", "solved": "Résolues", "all": "Toutes"}

FIELDS: Final = {
    "title": FormField(anchor="titre", label="Titre", missing="Nommez l’erreur en une ligne"),
    "subjects": FormField(anchor="objet", label="Objet", missing="Choisissez au moins un objet"),
    "symptoms": FormField(anchor="symptomes", label="Symptômes", missing="Dites à quoi on la reconnaît"),
    "workaround": FormField(anchor="contournement", label="Contournement", missing="Dites que faire en attendant"),
}
_KEPT: Final = frozenset(FIELDS) - {"subjects"} | set(CHOSEN)
_RETIREMENT: Final = {"text": FormField(anchor="retrait-texte", label="Explication", missing="Dites ce qui a changé")}
NOTICES: Final = {
    "publiee": "L’erreur connue est publiée.",
    "retiree": "L’erreur connue est retirée.",
    "resolue": "L’erreur connue est résolue. Les demandeurs des incidents liés en sont avertis et doivent confirmer.",
}

Notice = Annotated[str, QueryParameter(name="avis")]
Name = Annotated[str, QueryParameter(name="brouillon")]


@get(PAGE, access=SIGNED_IN, include_in_schema=False)
async def known_errors(visit: Here) -> Response[str]:
    """Show the list."""
    given = visit.request.query_params
    state, words, cursor = given.get("etat", ""), given.get("mots", "").strip()[:200], given.get("suite", "")
    state = state if state in SEGMENTS else ""
    page = await visit.query.known_errors(state=state, q=words, cursor=cursor)
    return await visit.page(
        "knowledge/errors.html", page=page, state_shown=state, words=words, cursor=cursor, segments=SEGMENTS
    )


@get(NEW, access=AGENTS, include_in_schema=False)
async def new_known_error(visit: Here, name: Name = "") -> Response[str]:
    """The form, as far as it was filled."""
    draft = await resumed(visit, name, "erreur") or await opened(visit, "erreur")
    return await form_page(visit, _FORM, draft, _KEPT)


@post(NEW, access=GUEST, include_in_schema=False, request_max_body_size=None)
async def publish_known_error(visit: Here) -> Response[Any]:
    """Publish, then show what was published."""
    received = await receive(visit, "erreur", _KEPT, NEW)
    visit.check_role(AGENTS)
    body = body_of(received.draft.fields)
    try:
        written = await send(visit, received, FIELDS, lambda key: visit.intake.publish_error(body, key), "erreur")
    except Unsent as unsent:
        return await form_page(visit, _FORM, unsent.draft, _KEPT, unsent.problems, status_code=unsent.status)
    return visit.redirect(f"{PAGE}/{written.number}?avis=publiee")


def body_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """What intake is sent."""
    texts = {name: fields.get(name, "") for name in ("title", "symptoms", "workaround")}
    return texts | {"subjects": subjects_of(fields)}


@get(f"{PAGE}/{{number:str}}", access=SIGNED_IN, include_in_schema=False)
async def known_error(visit: Here, number: FromPath[str], notice: Notice = "") -> Response[str]:
    """One known error, with what agents may do about it."""
    return await _page(visit, await visit.query.known_error(number), notice=notice)


@post(f"{PAGE}/{{number:str}}/retrait", access=GUEST, include_in_schema=False, request_max_body_size=None)
async def retire_known_error(visit: Here, number: FromPath[str]) -> Response[Any]:
    """Retire it: solved, or published by mistake."""
    names = frozenset({"text", "solved"})
    received = await receive(visit, f"retrait:{number}", names, f"{PAGE}/{number}", "#retirer")
    visit.check_role(AGENTS)
    error, solved = await visit.query.known_error(number), received.posted.get("solved", "oui") == "oui"
    body = {"text": received.draft.fields.get("text", ""), "solved": solved}
    try:
        await send(
            visit, received, _RETIREMENT, lambda key: visit.intake.retire_error(error.number, body, key), error.number
        )
    except Unsent as unsent:
        return await _page(visit, error, draft=unsent.draft, problems=unsent.problems, status_code=unsent.status)
    return visit.redirect(f"{PAGE}/{error.number}?avis={'resolue' if solved else 'retiree'}#avis")


@get(f"{PAGE}/{{number:str}}/retrait", access=SIGNED_IN, include_in_schema=False)
async def retirement_address(visit: Here, number: FromPath[str]) -> Redirect:
    """Somebody typed the address that the form posts to: show the form."""
    return visit.redirect(f"{PAGE}/{(await visit.query.known_error(number)).number}#retirer")


async def _page(
    visit: Visit,
    error: KnownErrorItem,
    *,
    notice: str = "",
    draft: Draft | None = None,
    problems: list[Shown] | None = None,
    status_code: int = 200,
) -> Response[str]:
    retires = visit.person.is_agent and error.state is KnownErrorState.OPEN
    if retires and draft is None:
        draft = await opened(visit, f"retrait:{error.number}")
    return await visit.page(
        "knowledge/error.html",
        status_code=status_code,
        error=error,
        notice=NOTICES.get(notice, ""),
        draft=draft,
        problems=problems or [],
        prefix=title_prefix(problems or []),
    )
