"""What programs read that follow the whole history."""

from litestar import get
from litestar.di import Provide
from litestar.response import Stream

from services.query.accepting import NDJSON, Accept, wants
from services.query.context import Here
from services.query.feed import reading
from services.query.freshness import Fresh, read_header, wait_fenced
from services.query.parameters import Asked, for_feed
from shared.http.identity import MANAGERS
from shared.wire.feed import Feed


@get(
    "/v1/events",
    access=MANAGERS,
    content={"application/json": Feed, NDJSON: None},
    dependencies={"given": Provide(for_feed, sync_to_thread=False)},
)
async def events(context: Here, given: Asked, accept: Accept = "*/*", fresh: Fresh = None) -> Feed | Stream:
    """L’histoire de tous les événements, sans rien de personnel ; le curseur reste valable pour toujours."""
    streamed = wants(accept, NDJSON)
    asked = reading.read_asked(given, default=None if streamed else reading.LIMIT)
    await wait_fenced(context, read_header(fresh))
    if streamed:
        return Stream(reading.lines(context.pool, asked), headers={"Content-Type": NDJSON, "Vary": "Accept"})
    async with context.pool.acquire() as connection:
        return await reading.read(connection, asked)


ROUTES = [events]
