"""What every event is made of."""

from typing import Annotated
from uuid import UUID

import msgspec

#: Text that tells something about somebody. It is sealed before it is hashed and stored: with the key of
#: the `Person` it stands in, otherwise with the key of the event's owner (see `shared.journal.sealing`).
Personal = Annotated[str, msgspec.Meta(extra={"personal": True}, extra_json_schema={"x-personal": True})]

#: What is read in place of personal text once the person has been erased.
ERASED = "[donnée effacée]"


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """A fact, in the past tense.

    Subclasses are never edited once released: a change is a new version, and `shared.events.registry` lifts the old
    one on read.
    """


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody an event speaks of.

    Attributes:
        id: pseudonym that stays when the person is erased.
        name: as the identity provider spells it.
        email: address for notices; None where none is known.
    """

    id: UUID
    name: Personal
    email: Personal | None = None
