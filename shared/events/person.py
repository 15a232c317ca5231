"""What can happen to a person. One stream a person, with nothing about them in it but their pseudonym."""

from uuid import UUID

from shared.events.base import Event, Person, Personal
from shared.events.vocabulary import ErasedFor


class PersonErased(Event, frozen=True, kw_only=True, tag="PersonErased.1"):
    """The person is forgotten: their key is destroyed, and nothing that it sealed can be read any more.

    `by` is None where the operator or a time limit did it. `text`, a supervisor's reference, names nobody: it is sealed
    for whoever wrote it, and stays.
    """

    person: UUID
    reason: ErasedFor
    by: Person | None = None
    text: Personal | None = None
