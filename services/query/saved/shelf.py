"""What people save under a name of their own.

It belongs to one person, who alone reads it, and is sealed with that person's key: without it, it is gone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Generic, NamedTuple, TypeVar
from uuid import UUID, uuid4

import msgspec

from shared.database import Connection, statements
from shared.http.problems import FieldError, invalid
from shared.journal.sealing import Vault

#: Most things of a kind that a person may have saved.
MOST: Final = 30

_sql = statements(__file__, "shelf.sql")
#: What is sealed, in the place of an event's field.
_FIELD: Final = "view"

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60, extra={"one_line": True})]


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is saved; its name stands for one thing of its kind."""

    name: Name


T = TypeVar("T", bound=Named)


class Saved(NamedTuple, Generic[T]):
    """What a person saved; `is_default` says that they begin with it."""

    id: UUID
    said: T
    is_default: bool


class Shelf(Generic[T]):
    """Where people save things of one kind.

    Args:
        kind: its code in the table.
        form: what such a thing says.
        many: what they are called when there are too many: `vues`.
    """

    def __init__(self, kind: str, form: type[T], many: str) -> None:
        self._kind = kind
        self._decode = msgspec.json.Decoder(form).decode
        self._many = many

    async def read(self, connection: Connection, vault: Vault, person: UUID) -> list[Saved[T]]:
        """What a person saved, in the order in which it was saved first."""
        rows = await connection.fetch(_sql.of_person, person, self._kind)
        opened = [
            (row, await vault.unseal_text(person, row["view"], _FIELD, row["sealed"], connection)) for row in rows
        ]
        return [Saved(row["view"], self._decode(text), row["is_default"]) for row, text in opened if text]

    async def save(  # noqa: PLR0917 - who saves what, when, with what
        self, connection: Connection, vault: Vault, person: UUID, said: T, at: datetime, is_default: bool = False
    ) -> Saved[T]:
        """Keep something, in the place of what has the same name if there is any.

        Args:
            connection: of the read side.
            vault: seals it.
            person: whose.
            said: was checked.
            at: now.
            is_default: whether they begin with it from now on.

        Raises:
            Problem: 422, there is too much.
        """
        async with connection.transaction():
            await connection.execute(_sql.lock, person)
            known = {one.said.name: one.id for one in await self.read(connection, vault, person)}
            if said.name not in known and len(known) >= MOST:
                raise invalid(FieldError("name", f"Vous avez déjà {MOST} {self._many}\u00a0: retirez-en."))
            saved = Saved(known.get(said.name) or uuid4(), said, is_default)
            await self._write(connection, vault, person, saved, at)
        return saved

    async def rename(  # noqa: PLR0917 - who renames what, when, with what
        self, connection: Connection, vault: Vault, person: UUID, one: UUID, name: str, at: datetime
    ) -> Saved[T] | None:
        """Give something another name; None where there is no such thing.

        Args:
            connection: of the read side.
            vault: seals it.
            person: whose.
            one: which.
            name: the new one.
            at: now.

        Raises:
            Problem: 422, something else has this name.
        """
        async with connection.transaction():
            await connection.execute(_sql.lock, person)
            known = {saved.id: saved for saved in await self.read(connection, vault, person)}
            if one not in known:
                return None
            if any(saved.said.name == name and saved.id != one for saved in known.values()):
                raise invalid(FieldError("name", "Ce nom est déjà pris."))
            renamed = known[one]._replace(said=msgspec.structs.replace(known[one].said, name=name))
            await self._write(connection, vault, person, renamed, at)
        return renamed

    async def remove(self, connection: Connection, person: UUID, one: UUID) -> bool:
        """Whether this person had saved such a thing; there is none any more."""
        return await connection.fetchval(_sql.remove, person, self._kind, one) is not None

    async def _write(self, connection: Connection, vault: Vault, person: UUID, saved: Saved[T], at: datetime) -> None:
        sealed = await vault.seal_text(person, saved.id, _FIELD, msgspec.json.encode(saved.said).decode(), connection)
        if saved.is_default:
            await connection.execute(_sql.no_default, person)
        await connection.execute(_sql.save, saved.id, person, self._kind, sealed, saved.is_default, at)
