"""Views that agents saved: a queue and its filters, under a name.

They belong to one person, who alone reads them, and are sealed with that person's key: without it, they are gone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID, uuid4

import msgspec

from shared.database import Connection, statements
from shared.http.problems import FieldError, invalid
from shared.journal.sealing import Vault
from shared.wire.queues import SavedView

#: Most views that a person may have.
MOST: Final = 30

_sql = statements(__file__, "views.sql")
#: What is sealed of a view, in the place of an event's field.
_FIELD: Final = "view"

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60, extra={"one_line": True})]
_Text = Annotated[str, msgspec.Meta(max_length=500)]


class Filters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The parameters of a queue; empty ones do not count."""

    status: _Text = ""
    subject: _Text = ""
    urgency: _Text = ""
    responsible: _Text = ""
    hold: _Text = ""
    your_turn: _Text = ""
    q: _Text = ""
    sort: _Text = ""


class View(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/me/views`: `group` is None for all queues of the person."""

    name: Name
    group: _Text | None = None
    filters: Filters = Filters()
    is_default: bool = False


async def read(connection: Connection, vault: Vault, person: UUID) -> list[SavedView]:
    """The views of a person, in the order in which they were saved first."""
    rows = await connection.fetch(_sql.of_person, person)
    opened = [(row, await vault.unseal_text(person, row["view"], _FIELD, row["sealed"], connection)) for row in rows]
    return [_item(row["view"], _decode(text), is_default=row["is_default"]) for row, text in opened if text]


async def save(connection: Connection, vault: Vault, person: UUID, view: View, at: datetime) -> SavedView:
    """Keep a view, in the place of the one of the same name if there is one.

    Args:
        connection: of the read side.
        vault: seals it.
        person: whose.
        view: its filters were checked.
        at: now.

    Raises:
        Problem: 422, there are too many.
    """
    async with connection.transaction():
        await connection.execute(_sql.lock, person)
        known = {one.name: one.id for one in await read(connection, vault, person)}
        if view.name not in known and len(known) >= MOST:
            raise invalid(FieldError("name", f"Vous avez déjà {MOST} vues : retirez-en une."))
        name = known.get(view.name) or uuid4()
        said = msgspec.json.encode(msgspec.structs.replace(view, is_default=False)).decode()
        sealed = await vault.seal_text(person, name, _FIELD, said, connection)
        if view.is_default:
            await connection.execute(_sql.no_default, person)
        await connection.execute(_sql.save, name, person, sealed, view.is_default, at)
    return _item(name, view, is_default=view.is_default)


async def remove(connection: Connection, person: UUID, view: UUID) -> bool:
    """Whether there was such a view of this person; there is none any more."""
    return await connection.fetchval(_sql.remove, person, view) is not None


_decode = msgspec.json.Decoder(View).decode


def _item(view: UUID, said: View, *, is_default: bool) -> SavedView:
    filters = {name: value for name, value in msgspec.structs.asdict(said.filters).items() if value}
    return SavedView(id=view, name=said.name, group=said.group, filters=filters, is_default=is_default)
