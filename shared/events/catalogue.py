"""What people may choose from and who answers: one stream, seeded from a file, changed by supervisors."""

from shared.events.base import Event
from shared.events.vocabulary import Kind, Urgency


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
