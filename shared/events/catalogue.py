"""What people may choose from and who answers: one stream, seeded from a file, changed by supervisors."""

from typing import Annotated

import msgspec

from shared.events.base import Event, Person, Personal
from shared.events.vocabulary import Kind, Urgency

#: Hours of a day by the wall clock, `08:00-12:30`; a day ends at 24:00.
Opening = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
#: Days on which nobody works: each year (`12-24`), once (`2026-12-24`), from one to another (`2026-12-24/2027-01-03`),
#: or counted from Easter (`easter+1`).
Closure = Annotated[
    str, msgspec.Meta(pattern=r"^(\d{2}-\d{2}|\d{4}-\d{2}-\d{2}(/\d{4}-\d{2}-\d{2})?|easter[+-]\d{1,3})$")
]
#: Whose public holidays count: a country, and a part of it where that has its own (`FR`, `FR-57`).
Holidays = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}(-[0-9A-Z]{1,3})?$")]


class Week(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hours of each day, in order; a day without hours is closed."""

    mon: tuple[Opening, ...] = ()
    tue: tuple[Opening, ...] = ()
    wed: tuple[Opening, ...] = ()
    thu: tuple[Opening, ...] = ()
    fri: tuple[Opening, ...] = ()
    sat: tuple[Opening, ...] = ()
    sun: tuple[Opening, ...] = ()

    def on(self, weekday: int) -> tuple[Opening, ...]:
        """The hours of a day; Monday is 0, as in `datetime.date.weekday`."""
        hours: tuple[Opening, ...] = getattr(self, self.__struct_fields__[weekday])
        return hours


class CalendarDefined(Event, frozen=True, kw_only=True, tag="CalendarDefined.1"):
    """The hours in which groups work, from now on and for all that is still open; a later definition replaces it.

    Attributes:
        timezone: IANA name of the zone of the wall clock.
        holidays: None where no public holiday counts.
        closed: further days without work.
    """

    calendar: str
    label: str
    timezone: str
    open: Week
    holidays: Holidays | None = None
    closed: tuple[Closure, ...] = ()


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
