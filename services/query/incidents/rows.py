"""The rows of a list and how many there are, found in a time that hardly grows with the number of incidents.

Nobody knows how frequent a word is: statistics of texts would be copies that an erasure does not reach. So it is tried.
A frequent word fills the page from the next incidents in the order of the list; those that a rare one names are fetched
and sorted. All ways give the same rows in the same order. See docs/decisions/0017.
"""

from typing import Any, Final, NamedTuple

from services.query.incidents.cursors import Order
from services.query.incidents.listing import Listing
from services.query.incidents.search import ask_index, listed, named, read_each
from services.query.incidents.selection import Selection, select
from services.query.projections import tracking
from services.query.projections.generations import sql
from services.query.viewer import Viewer
from shared.database import Connection, Record

#: Totals are exact up to here, those of open incidents beyond; so many incidents are sorted for a search at most, if it
#: can be helped.
COUNTED: Final = 1_000

#: How many incidents are read to fill a page: before the index of words is asked, and once it named too many to sort.
NEAR: Final = 1_000
FAR: Final = 50_000

_NEXT: Final = "(select i.* from {schema}.incidents i where {after} order by {order} limit {within})"


class Found(NamedTuple):
    """The rows of a page, one more where another page follows, and what they are counted by."""

    rows: list[Record]
    chosen: Selection


class Total(NamedTuple):
    """How many incidents all pages of a list have together; or at least."""

    number: int
    at_least: bool


async def find(connection: Connection, schema: str, listing: Listing, viewer: Viewer) -> Found:
    """The rows of a page."""
    chosen = select(listing, viewer)
    if listing.search and not listing.number:
        if not listing.is_short:
            return await _search(connection, schema, listing, chosen, listing.search)
        chosen = read_each(chosen, listing.search)
    return Found(await _page(connection, schema, listing, chosen), chosen)


async def count(connection: Connection, schema: str, listing: Listing, found: Found) -> Total:
    """How many rows there are; open ones are few, and counting some would be planned as if they lay all about."""
    chosen, statements = found.chosen, sql(tracking.__file__, schema)
    limit = "all" if listing.is_open else COUNTED + 1
    statement = _filled(statements.count, schema, chosen, Order(listing.order.sort), limit)
    number = await connection.fetchval(statement, *chosen.values)
    if listing.is_open:
        return Total(number, at_least=False)
    if chosen.within is None:
        return Total(min(number, COUNTED), number > COUNTED)
    return Total(max(number, len(found.rows)), await connection.fetchval(statements.goes_beyond, chosen.within))


async def _search(connection: Connection, schema: str, listing: Listing, every: Selection, text: str) -> Found:
    near = read_each(every, text).among(NEAR)
    if rows := await _full_page(connection, schema, listing, near):
        return Found(rows, near)
    statement, values = named(schema, text, COUNTED + 1)
    ids = [row["stream_id"] for row in await connection.fetch(statement, *values)]
    chosen = listed(every, ids)
    if len(ids) > COUNTED:
        if rows := await _full_page(connection, schema, listing, near.among(FAR)):
            return Found(rows, near)
        chosen = ask_index(every, text)
    return Found(await _page(connection, schema, listing, chosen), chosen)


async def _full_page(connection: Connection, schema: str, listing: Listing, chosen: Selection) -> list[Record] | None:
    """The rows, if another page follows; only then are they all that belong on the page."""
    if not listing.order.is_indexed:
        return None
    rows = await _page(connection, schema, listing, chosen)
    return rows if len(rows) > listing.limit else None


async def _page(connection: Connection, schema: str, listing: Listing, chosen: Selection) -> list[Record]:
    order = listing.order
    statement = _filled(sql(tracking.__file__, schema).page, schema, chosen, order, listing.limit + 1)
    statement = statement.replace("{keys}", order.extra_columns())
    found: list[Record] = await connection.fetch(statement, *chosen.values, *(order.after or ()))
    return found


def _filled(statement: str, schema: str, chosen: Selection, order: Order, limit: int | str) -> str:
    """A statement for the rows after a cursor, whose keys are the last parameters."""
    after = "true" if order.after is None else order.condition(len(chosen.values) + 1)
    source, conditions = f"{schema}.incidents", f"{chosen.text(schema)} and {after}"
    if chosen.within is not None:
        source, conditions = _NEXT.replace("{after}", after), chosen.text(schema)
    fillings: dict[str, Any] = {
        "source": source,
        "conditions": conditions,
        "within": chosen.within,
        "schema": schema,
        "order": order.order_by(),
        "limit": limit,
    }
    for name, filling in fillings.items():
        statement = statement.replace(f"{{{name}}}", str(filling))
    return statement
