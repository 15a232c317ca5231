"""What everybody may read of what the assistance publishes."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import Provide
from litestar.params import FromPath

from services.query.context import Here, Reader
from services.query.freshness import Fresh, read_header, wait_projected
from services.query.knowledge import errors, news
from services.query.parameters import Asked, for_publications
from shared import clock
from shared.http.bodies import read_body
from shared.http.identity import SIGNED_IN
from shared.http.problems import not_found
from shared.journal.numbers import normalise
from shared.wire.knowledge import KnownErrorItem, KnownErrorItems, KnownErrorPage, NewsItem, NewsPage

_Told = Annotated[str, msgspec.Meta(max_length=20_000)]
_Code = Annotated[str, msgspec.Meta(max_length=100)]


class Telling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody tells of a problem: words so far, and the subject that they chose."""

    text: _Told = ""
    subject: _Code | None = None


@get("/v1/known-errors", access=SIGNED_IN, dependencies={"given": Provide(for_publications, sync_to_thread=False)})
async def known_errors(context: Here, given: Asked, fresh: Fresh = None) -> KnownErrorPage:
    """Les erreurs connues ; sans `state`, celles qui durent."""
    listing = errors.read_listing(given)
    await wait_projected(context, "knowledge", read_header(fresh))
    known = await context.catalogue()
    async with context.projection("knowledge") as (connection, schema):
        return await errors.page(connection, schema, listing, known)


@get("/v1/known-errors/{number:str}", access=SIGNED_IN)
async def known_error(context: Here, number: FromPath[str], fresh: Fresh = None) -> KnownErrorItem:
    """Une erreur connue."""
    await wait_projected(context, "knowledge", read_header(fresh))
    known = await context.catalogue()
    async with context.projection("knowledge") as (connection, schema):
        found = await errors.named(connection, schema, [normalise(number) or number], known)
    if not found:
        raise not_found("Cette erreur connue n’existe pas.")
    return found[0]


@post("/v1/known-errors/suggestions", access=SIGNED_IN, body=Telling, status_code=200)
async def suggestions(request: Request[Any, Any, Any], context: Here) -> KnownErrorItems:
    """Les erreurs connues qui ressemblent à ce que quelqu’un écrit : ses mots ne vont dans aucune adresse."""
    told = (await read_body(request, Telling)).done()
    known = await context.catalogue()
    async with context.projection("knowledge") as (connection, schema):
        return KnownErrorItems(items=await errors.suggest(connection, schema, told.text, told.subject or None, known))


@get("/v1/news", access=SIGNED_IN, dependencies={"given": Provide(for_publications, sync_to_thread=False)})
async def all_news(context: Here, viewer: Reader, given: Asked, fresh: Fresh = None) -> NewsPage:
    """Les news ; sans `state`, celles d’actualité."""
    listing = news.read_listing(given)
    await wait_projected(context, "knowledge", read_header(fresh))
    eye = news.Eye(viewer.person, clock.now(), await context.catalogue())
    async with context.projection("knowledge") as (connection, schema):
        return await news.page(connection, schema, listing, eye)


@get("/v1/news/{one:uuid}", access=SIGNED_IN)
async def one_news(context: Here, viewer: Reader, one: FromPath[UUID], fresh: Fresh = None) -> NewsItem:
    """Une news."""
    await wait_projected(context, "knowledge", read_header(fresh))
    eye = news.Eye(viewer.person, clock.now(), await context.catalogue())
    async with context.projection("knowledge") as (connection, schema):
        found = await news.one(connection, schema, one, eye)
    if found is None:
        raise not_found("Cette news n’existe pas.")
    return found


ROUTES = [known_errors, known_error, suggestions, all_news, one_news]
