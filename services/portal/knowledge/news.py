"""« News »: what many should know of, for everybody; what agents write there; « Cela me concerne aussi »."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from services.portal.access.returning import safe_return
from services.portal.drafts.forms import read_form
from services.portal.drafts.receiving import opened, receive, resumed
from services.portal.drafts.store import Draft, new_id
from services.portal.knowledge.sending import Unsent, send
from services.portal.knowledge.writing import CHOSEN, form_page, subjects_of
from services.portal.upstream.http import FieldProblem, Refused
from services.portal.upstream.problems import FormField, Shown, shown, title_prefix
from services.portal.visit import GUEST, Here, Visit
from shared.clock import PARIS
from shared.http.identity import AGENTS, INVOLVED, SIGNED_IN
from shared.wire.knowledge import NewsItem

PAGE: Final = "/news"
NEW: Final = f"{PAGE}/nouvelle"
_FORM: Final = "knowledge/new_news.html"
#: Code -> label of the segments above the list.
SEGMENTS: Final = {"": "En cours", "ended": "Terminées", "all": "Toutes"}

FIELDS: Final = {
    "title": FormField(anchor="titre", label="Titre", missing="Dites en une ligne ce qui se passe"),
    "text": FormField(anchor="texte", label="Texte", missing="Dites ce qu’il faut savoir"),
    "subjects": FormField(anchor="objet", label="Objet", missing=""),
    "until": FormField(anchor="jusque", label="Jusqu’au", missing=""),
}
_KEPT: Final = frozenset({"title", "text", "until", *CHOSEN})
_WITHDRAWAL: Final = {"text": FormField(anchor="fin-texte", label="Message de fin", missing="")}
NOTICES: Final = {
    "publiee": "La news est publiée.",
    "retiree": "La news est retirée.",
    "suivie": "C’est noté, vous recevrez un courriel quand elle sera terminée.",
    "finie": "Cette news n’est plus d’actualité.",
}
_ENDED: Final = 409

Notice = Annotated[str, QueryParameter(name="avis")]
Name = Annotated[str, QueryParameter(name="brouillon")]


@get(PAGE, access=SIGNED_IN, include_in_schema=False)
async def all_news(visit: Here, notice: Notice = "") -> Response[str]:
    """Show the list."""
    given = visit.request.query_params
    state, cursor = given.get("etat", ""), given.get("suite", "")
    state = state if state in SEGMENTS else ""
    page = await visit.query.news(state=state, cursor=cursor)
    return await visit.page(
        "knowledge/all_news.html",
        page=page,
        state_shown=state,
        cursor=cursor,
        segments=SEGMENTS,
        notice=NOTICES.get(notice, ""),
    )


@get(NEW, access=AGENTS, include_in_schema=False)
async def new_news(visit: Here, name: Name = "") -> Response[str]:
    """The form, as far as it was filled."""
    draft = await resumed(visit, name, "news") or await opened(visit, "news")
    return await form_page(visit, _FORM, draft, _KEPT)


@post(NEW, access=GUEST, include_in_schema=False, request_max_body_size=None)
async def publish_news(visit: Here) -> Response[Any]:
    """Publish, then show what was published."""
    received = await receive(visit, "news", _KEPT, NEW)
    visit.check_role(AGENTS)
    fields = received.draft.fields
    try:
        body = body_of(fields)
    except ValueError:
        problems = shown([FieldProblem("until", "Choisissez un jour, à partir d’aujourd’hui")], FIELDS, fields)
        return await form_page(visit, _FORM, received.draft, _KEPT, problems, status_code=422)
    try:
        written = await send(visit, received, FIELDS, lambda key: visit.intake.publish_news(body, key), "news")
    except Unsent as unsent:
        return await form_page(visit, _FORM, unsent.draft, _KEPT, unsent.problems, status_code=unsent.status)
    return visit.redirect(f"{PAGE}/{written.id}?avis=publiee")


def body_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """What intake is sent; a news holds to the end of its last day in Paris.

    Raises:
        ValueError: the last day is none.
    """
    body: dict[str, Any] = {name: fields.get(name, "") for name in ("title", "text")}
    body["subjects"] = subjects_of(fields)
    if day := fields.get("until", "").strip():
        after = date.fromisoformat(day) + timedelta(days=1)
        body["until"] = datetime.combine(after, time(), PARIS).isoformat()
    return body


@get(f"{PAGE}/{{news:str}}", access=SIGNED_IN, include_in_schema=False)
async def one_news(visit: Here, news: FromPath[str], notice: Notice = "") -> Response[str]:
    """One news, with what one may do about it."""
    return await _page(visit, await visit.query.one_news(news), notice=notice)


@post(f"{PAGE}/{{news:str}}/suivre", access=INVOLVED, include_in_schema=False)
async def follow_news(visit: Here, news: FromPath[str]) -> Redirect:
    """« Cela me concerne aussi », from wherever the news is shown."""
    back = safe_return((await read_form(visit)).fields.get("back", ""))
    try:
        await visit.intake.follow_news(news, new_id())
    except Refused as refusal:
        if refusal.status != _ENDED:
            raise
        return visit.redirect(f"{PAGE}/{news}?avis=finie")
    return visit.redirect(f"{back.partition('?')[0].partition('#')[0]}#news-{news}")


@post(f"{PAGE}/{{news:str}}/retrait", access=GUEST, include_in_schema=False, request_max_body_size=None)
async def withdraw_news(visit: Here, news: FromPath[str]) -> Response[Any]:
    """Withdraw it; whom it concerned is told how it ended, if there is a text."""
    received = await receive(visit, f"fin:{news}", frozenset({"text"}), f"{PAGE}/{news}", "#retirer")
    visit.check_role(AGENTS)
    item = await visit.query.one_news(news)
    text = received.draft.fields.get("text", "").strip()
    body = {"text": text} if text else {}
    try:
        await send(
            visit, received, _WITHDRAWAL, lambda key: visit.intake.withdraw_news(str(item.id), body, key), str(item.id)
        )
    except Unsent as unsent:
        return await _page(visit, item, draft=unsent.draft, problems=unsent.problems, status_code=unsent.status)
    return visit.redirect(f"{PAGE}/{item.id}?avis=retiree#avis")


@get(f"{PAGE}/{{news:str}}/{{form:str}}", access=SIGNED_IN, include_in_schema=False)
async def form_address(visit: Here, news: FromPath[str], form: FromPath[str]) -> Redirect:
    """Somebody typed the address that a form posts to: show the news."""
    del form
    return visit.redirect(f"{PAGE}/{(await visit.query.one_news(news)).id}")


async def _page(
    visit: Visit,
    item: NewsItem,
    *,
    notice: str = "",
    draft: Draft | None = None,
    problems: list[Shown] | None = None,
    status_code: int = 200,
) -> Response[str]:
    if visit.person.is_agent and item.withdrawn_at is None and draft is None:
        draft = await opened(visit, f"fin:{item.id}")
    return await visit.page(
        "knowledge/news.html",
        status_code=status_code,
        news=item,
        notice=NOTICES.get(notice, ""),
        draft=draft,
        problems=problems or [],
        prefix=title_prefix(problems or []),
    )
