"""What people may choose from and who answers: one stream, seeded from a file, changed by supervisors."""

from shared.events.base import Event, Person, Personal
from shared.events.vocabulary import Kind, Urgency


class CatalogueChanged(Event, frozen=True, kw_only=True, tag="CatalogueChanged.1"):
    """A supervisor changed the catalogue: the events of the same append say what it is from now on.

    What was appended without this event was read from a file.
    """

    by: Person
    reason: Personal


class GroupDefined(Event, frozen=True, kw_only=True, tag="GroupDefined.1"):
    """A group exists from now on as said here; a later definition replaces an earlier one.

    `programs` says whether programs answer for it from a queue on the broker.
    """

    group: str
    label: str
    mail: str
    calendar: str
    programs: bool = False


class SubjectDefined(Event, frozen=True, kw_only=True, tag="SubjectDefined.1"):
    """A subject can be chosen from now on. Targets are in working minutes for each urgency."""

    subject: str
    label: str
    kind: Kind
    group: str
    take: dict[Urgency, int]
    resolve: dict[Urgency, int]


class SubjectRetired(Event, frozen=True, kw_only=True, tag="SubjectRetired.1"):
    """A subject can no longer be chosen; incidents that carry it stay readable."""

    subject: str


class CannedTextDefined(Event, frozen=True, kw_only=True, tag="CannedTextDefined.1"):
    """Agents can begin what they write with this text; a later definition replaces an earlier one.

    `text` may hold the placeholders of `shared.canned`. It is offered for incidents on one of `subjects`, and for those
    that wait for one of `groups`; for all of them where both are empty.
    """

    canned: str
    label: str
    text: str
    subjects: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class CannedTextRetired(Event, frozen=True, kw_only=True, tag="CannedTextRetired.1"):
    """A canned text is no longer offered; what was written with it stays."""

    canned: str
