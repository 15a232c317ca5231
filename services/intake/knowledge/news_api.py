"""News over HTTP: published and withdrawn by agents, followed by whomever they concern."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from services.intake.desk import AnyRequest, answer, begun
from services.intake.forms import Nothing, to_come
from services.intake.knowledge.api import GIVES, TAKES
from services.intake.knowledge.forms import News, Withdrawal, check_subjects
from services.intake.knowledge.news import withdraw
from services.intake.receipts import Kept
from shared.events.knowledge import NewsPublished, NewsWithdrawn
from shared.http.bodies import read_body
from shared.http.identity import AGENTS, INVOLVED
from shared.wire.recorded import FollowedNews, WrittenNews


@post(
    "/v1/news",
    access=AGENTS,
    body=News,
    problems={412, 429},
    takes=TAKES,
    gives=GIVES | {"Location": "L’adresse de la news."},
    operation_id="publish_news",
)
async def publish_news(request: AnyRequest) -> Response[WrittenNews]:
    """Publish what many should know of."""
    desk, actor = await begun(request)
    body = await read_body(request, News)
    check_subjects(await desk.catalogue.current(), body)
    body.check("until", lambda until: to_come(desk.now(), until))
    attempt = await desk.attempt(request, actor, body.given)
    if body.errors and (kept := await desk.publisher.published(NewsPublished, actor.person, attempt)):
        return _published(kept)
    form = body.done()
    event = NewsPublished(by=actor.person, title=form.title, text=form.text, subjects=form.subjects, until=form.until)
    return _published(await desk.publisher.publish(event, actor.person, attempt))


@post(
    "/v1/news/{news:uuid}/withdraw",
    access=AGENTS,
    body=Withdrawal,
    problems={404, 409, 412, 429},
    takes=TAKES,
    gives=GIVES,
    operation_id="withdraw_news",
)
async def withdraw_news(request: AnyRequest, news: FromPath[UUID]) -> Response[WrittenNews]:
    """Say that a news holds no more; with a text, its followers are told."""
    desk, actor = await begun(request)
    body = await read_body(request, Withdrawal)
    attempt = await desk.attempt(request, actor, body.given)
    form = body.done()
    kept = await desk.publisher.change(
        news, NewsWithdrawn, lambda events: withdraw(events, actor.person, form.text), actor.person, attempt
    )
    return answer(kept, _written(kept))


@post(
    "/v1/news/{news:uuid}/follow",
    access=INVOLVED,
    body=Nothing,
    problems={404, 409, 412, 429},
    takes=TAKES,
    gives=GIVES,
    operation_id="follow_news",
)
async def follow_news(request: AnyRequest, news: FromPath[UUID]) -> Response[FollowedNews]:
    """Say that a news concerns oneself, too; how it ends is told by mail."""
    desk, actor = await begun(request)
    body = await read_body(request, Nothing)
    attempt = await desk.attempt(request, actor, body.given)
    body.done()
    kept = await desk.publisher.follow(news, actor.person, attempt)
    return answer(kept, FollowedNews(id=news, version=kept.version, recorded_at=kept.recorded_at))


def _published(kept: Kept) -> Response[WrittenNews]:
    return answer(kept, _written(kept), location=f"/v1/news/{kept.stream_id}")


def _written(kept: Kept) -> WrittenNews:
    return WrittenNews(id=kept.stream_id, version=kept.version, recorded_at=kept.recorded_at)


ROUTES: Final[list[ControllerRouterHandler]] = [publish_news, withdraw_news, follow_news]
