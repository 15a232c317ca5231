"""What agents alone read: canned texts, what stands around an incident and in the journal of it, who calls."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from litestar import get
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from services.query.agents import beside, callers, canned, raw, routing, targets
from services.query.context import Here, Reader
from services.query.freshness import Fresh, read_header, wait_projected
from services.query.incidents.reading import read_incident
from shared import clock
from shared.catalogue import CATALOGUE_STREAM
from shared.http.identity import AGENTS
from shared.http.problems import FieldError, invalid, not_found
from shared.journal.read import read_stream
from shared.text import has_control
from shared.wire.agents import Beside, CallerCard, CannedTexts, KnownPeople, RawEvents

_LONGEST: Final = 200


@get("/v1/canned-texts", access=AGENTS)
async def canned_texts(context: Here, fresh: Fresh = None) -> CannedTexts:
    """Les textes types, dans l’ordre du catalogue."""
    await wait_projected(context, "tracking", read_header(fresh))
    return CannedTexts(items=canned.items(await context.catalogue()))


@get("/v1/incidents/{number:str}/beside", access=AGENTS)
async def incident_beside(context: Here, viewer: Reader, number: FromPath[str], fresh: Fresh = None) -> Beside:
    """Autour d’un incident : pourquoi il est là, les autres de son demandeur, ceux qui lui ressemblent."""
    await wait_projected(context, "tracking", read_header(fresh))
    events, state = await read_incident(context, viewer, number)
    known = await context.catalogue()
    async with context.projection("tracking") as (connection, schema):
        defined = await context.vault.unseal(await read_stream(connection, CATALOGUE_STREAM), connection)
        return Beside(
            number=state.number,
            routing=routing.steps(events, known),
            others=await beside.others(connection, schema, state.requester, state.number),
            similar=await beside.similar(connection, schema, context.vault, state, beside.description(events)),
            targets=targets.explain(events, state, known, clock.now()),
            target_moves=targets.moves(defined, state, known),
        )


@get("/v1/incidents/{number:str}/events", access=AGENTS)
async def incident_events(context: Here, viewer: Reader, number: FromPath[str], fresh: Fresh = None) -> RawEvents:
    """Les événements d’un incident tels qu’ils sont au journal, leurs textes ouverts."""
    read_header(fresh)
    events, state = await read_incident(context, viewer, number)
    async with context.pool.acquire() as connection:
        links = await raw.chains(connection, state.stream_id)
    return raw.build(state.number, events, links)


@get("/v1/people", access=AGENTS)
async def people(
    context: Here,
    q: Annotated[str, QueryParameter(description="Le début des mots d’un nom ou d’une adresse.")] = "",
    fresh: Fresh = None,
) -> KnownPeople:
    """Les personnes connues dont le nom ou l’adresse commence ainsi."""
    if len(q) > _LONGEST or has_control(q):
        raise invalid(FieldError("q", f"Un nom ou une adresse de {_LONGEST} caractères au plus est attendu."))
    await wait_projected(context, "tracking", read_header(fresh))
    async with context.projection("tracking") as (connection, schema):
        return await callers.find(connection, schema, q)


@get("/v1/people/{person:uuid}", access=AGENTS)
async def person(context: Here, person: FromPath[UUID], fresh: Fresh = None) -> CallerCard:
    """La fiche d’une personne connue, avec ses incidents."""
    await wait_projected(context, "tracking", read_header(fresh))
    async with context.projection("tracking") as (connection, schema):
        found = await callers.card(connection, schema, context.vault, person)
    if found is None:
        raise not_found("Cette personne n’est pas connue, ou ne l’est plus.")
    return found


ROUTES: Final[list[ControllerRouterHandler]] = [canned_texts, incident_beside, incident_events, people, person]
