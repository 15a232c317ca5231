"""What the assistance publishes: a small projection that needs nobody's texts."""

from collections.abc import Sequence
from typing import Final

from services.query.knowledge import errors, news
from services.query.projections.generations import Projection, Touched
from shared.database import Connection
from shared.events.registry import EVENTS, UPCASTS
from shared.journal.records import Recorded


async def apply(connection: Connection, schema: str, page: Sequence[Recorded]) -> list[Touched]:
    """Take in one page."""
    await errors.apply(connection, schema, page)
    await news.apply(connection, schema, page)
    return []


_HANDLED: Final = errors.HANDLED | news.HANDLED

KNOWLEDGE: Final = Projection(
    name="knowledge",
    version=1,
    sources=(errors.__file__, news.__file__),
    tables=("errors", "links", "news", "followers"),
    handles=_HANDLED,
    ignores=frozenset(event for event in EVENTS if event not in UPCASTS) - _HANDLED,
    apply=apply,
    personal=False,
)
