"""What people may choose from and who answers, folded from its stream or read from a file."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any, Final, TypeAlias
from uuid import NAMESPACE_DNS, UUID, uuid5

import msgspec

from shared.canned import checked
from shared.database import AWAY, Connection, Pool
from shared.events.base import Event
from shared.events.catalogue import (
    CalendarDefined,
    CannedTextDefined,
    CannedTextRetired,
    Closure,
    GroupDefined,
    SubjectDefined,
    SubjectRetired,
)
from shared.events.vocabulary import Kind, Urgency
from shared.journal.read import read_stream, stream_version
from shared.journal.sealing import Vault
from shared.working_time import working_time

#: The one stream of the catalogue.
CATALOGUE_STREAM: Final[UUID] = uuid5(NAMESPACE_DNS, "catalogue.cecoia")
#: Seconds after which a change made elsewhere is seen.
FRESH: Final = 2.0

CatalogueEvent: TypeAlias = (
    CalendarDefined | GroupDefined | SubjectDefined | SubjectRetired | CannedTextDefined | CannedTextRetired
)


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """The catalogue at one moment; calendars, groups and subjects in the order in which they were first defined.

    `subjects` holds the retired ones too: incidents that carry them stay readable. `canned` holds the canned texts that
    are offered, by their code.
    """

    calendars: Mapping[str, CalendarDefined] = {}
    groups: Mapping[str, GroupDefined] = {}
    subjects: Mapping[str, SubjectDefined] = {}
    retired: frozenset[str] = frozenset()
    canned: Mapping[str, CannedTextDefined] = {}

    @classmethod
    def of(cls, events: Iterable[Event]) -> Catalogue:
        """Fold events, oldest first."""
        return cls().after(events)

    def after(self, events: Iterable[Event]) -> Catalogue:
        """The catalogue after more events, oldest first."""
        return reduce(Catalogue.evolve, events, self)

    def evolve(self, event: Event) -> Catalogue:
        """The catalogue after one more event; events of other kinds change nothing."""
        changed: dict[str, Any] = {}
        match event:
            case CalendarDefined(calendar=calendar):
                changed = {"calendars": {**self.calendars, calendar: event}}
            case GroupDefined(group=group):
                changed = {"groups": {**self.groups, group: event}}
            case SubjectDefined(subject=subject):
                changed = {"subjects": {**self.subjects, subject: event}, "retired": self.retired - {subject}}
            case SubjectRetired(subject=subject):
                changed = {"retired": self.retired | {subject}}
            case CannedTextDefined(canned=canned):
                changed = {"canned": {**self.canned, canned: event}}
            case CannedTextRetired(canned=canned):
                changed = {"canned": {code: text for code, text in self.canned.items() if code != canned}}
            case _:
                pass
        return msgspec.structs.replace(self, **changed) if changed else self

    def choices(self) -> list[SubjectDefined]:
        """The subjects that can be chosen now."""
        return [subject for code, subject in self.subjects.items() if code not in self.retired]

    def can_choose(self, subject: str) -> bool:
        """Whether a new incident may carry this subject."""
        return subject in self.subjects and subject not in self.retired

    def label(self, subject: str) -> str:
        """The French label of a subject; its code where it was never defined."""
        found = self.subjects.get(subject)
        return found.label if found else subject

    def kind_of(self, subject: str) -> Kind:
        """What a subject is about; an incident where it was never defined."""
        found = self.subjects.get(subject)
        return found.kind if found else Kind.INCIDENT

    def group_of(self, subject: str) -> str | None:
        """The group that answers for a subject; None where it was never defined."""
        found = self.subjects.get(subject)
        return found.group if found else None

    def group_label(self, group: str) -> str:
        """The French label of a group; its code where it was never defined."""
        found = self.groups.get(group)
        return found.label if found else group


class _Calendar(msgspec.Struct, forbid_unknown_fields=True):
    """`open` names days, each with its hours: `08:00-12:00, 13:30-17:30`."""

    label: str | None = None
    timezone: str = "Europe/Paris"
    open: dict[str, str] = {}
    holidays: str | None = None
    closed: tuple[Closure, ...] = ()


class _Group(msgspec.Struct, forbid_unknown_fields=True):
    label: str
    mail: str
    calendar: str
    programs: bool = False


class _Targets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    take: dict[Urgency, int] = {}
    resolve: dict[Urgency, int] = {}


class _Subject(msgspec.Struct, forbid_unknown_fields=True):
    label: str
    kind: str
    group: str
    take: dict[Urgency, int] = {}
    resolve: dict[Urgency, int] = {}
    retired: bool = False


class _CannedText(msgspec.Struct, forbid_unknown_fields=True):
    label: str
    text: str
    subjects: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class _File(msgspec.Struct, forbid_unknown_fields=True):
    group: dict[str, _Group]
    subject: dict[str, _Subject]
    targets: _Targets = _Targets()
    calendar: dict[str, _Calendar] = {}
    canned: dict[str, _CannedText] = {}


def parse_toml(text: str) -> list[CatalogueEvent]:
    """The events that define what a catalogue file says: calendars, groups, subjects, canned texts.

    Targets that a subject lacks are the file's.

    Raises:
        tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError: the file is wrong; the message says where.
    """
    file = msgspec.convert(tomllib.loads(text), _File)
    for code, group in file.group.items():
        if group.calendar not in file.calendar:
            raise ValueError(f"group {code}: there is no calendar {group.calendar}")
    for code, subject in file.subject.items():
        if subject.group not in file.group:
            raise ValueError(f"subject {code}: there is no group {subject.group}")
    groups = [GroupDefined(group=code, **msgspec.structs.asdict(group)) for code, group in file.group.items()]
    calendars = [_calendar(code, calendar) for code, calendar in file.calendar.items()]
    subjects = [_subject(code, subject, file.targets) for code, subject in file.subject.items()]
    retired = _retired(code for code, subject in file.subject.items() if subject.retired)
    canned = [_canned(code, text, file) for code, text in file.canned.items()]
    return [*calendars, *groups, *subjects, *retired, *canned]


def _calendar(code: str, calendar: _Calendar) -> CalendarDefined:
    hours = {day: [part.strip() for part in text.split(",")] for day, text in calendar.open.items()}
    plain = msgspec.structs.asdict(calendar) | {"calendar": code, "label": calendar.label or code, "open": hours}
    try:
        defined = msgspec.convert(plain, CalendarDefined)
        working_time(defined)
    except ValueError as error:
        raise ValueError(f"calendar {code}: {error}") from error
    return defined


def _subject(code: str, subject: _Subject, targets: _Targets) -> SubjectDefined:
    take, resolve = targets.take | subject.take, targets.resolve | subject.resolve
    if not set(Urgency) == set(take) == set(resolve):
        raise ValueError(f"subject {code}: a target for each urgency is needed")
    plain = {"subject": code, "label": subject.label, "kind": subject.kind, "group": subject.group}
    return msgspec.convert(plain | {"take": take, "resolve": resolve}, SubjectDefined)


def _canned(code: str, canned: _CannedText, file: _File) -> CannedTextDefined:
    if unknown := [*(set(canned.subjects) - set(file.subject)), *(set(canned.groups) - set(file.group))]:
        raise ValueError(f"canned text {code}: there is no {unknown[0]}")
    try:
        text = checked(canned.text.strip())
    except ValueError as error:
        raise ValueError(f"canned text {code}: {error}") from error
    return CannedTextDefined(canned=code, label=canned.label, text=text, subjects=canned.subjects, groups=canned.groups)


def difference(current: Catalogue, wanted: Iterable[CatalogueEvent]) -> list[CatalogueEvent]:
    """The events that lead from one catalogue to another; none where they say the same.

    Args:
        current: what holds now.
        wanted: what shall hold, e.g. from `parse_toml`. Subjects and canned texts that it does not define
            are retired.
    """
    goal = Catalogue.of(wanted)
    calendars = [calendar for code, calendar in goal.calendars.items() if current.calendars.get(code) != calendar]
    groups = [group for code, group in goal.groups.items() if current.groups.get(code) != group]
    subjects = [
        subject
        for code, subject in goal.subjects.items()
        if current.subjects.get(code) != subject or (code in current.retired and goal.can_choose(code))
    ]
    offered = current.after(subjects).choices()
    gone = _retired(subject.subject for subject in offered if not goal.can_choose(subject.subject))
    return [*calendars, *groups, *subjects, *gone, *_canned_difference(current, goal)]


def _retired(subjects: Iterable[str]) -> list[SubjectRetired]:
    return [SubjectRetired(subject=subject) for subject in subjects]


def _canned_difference(current: Catalogue, goal: Catalogue) -> list[CatalogueEvent]:
    changed = [canned for code, canned in goal.canned.items() if current.canned.get(code) != canned]
    return [*changed, *(CannedTextRetired(canned=code) for code in current.canned if code not in goal.canned)]


async def load(connection: Connection, vault: Vault) -> Catalogue:
    """The catalogue as the journal has it now."""
    stored = await read_stream(connection, CATALOGUE_STREAM)
    return Catalogue.of(one.event for one in await vault.unseal(stored, connection))


class CatalogueWatch:
    """The catalogue, at most `FRESH` seconds behind the journal."""

    def __init__(self, pool: Pool, vault: Vault, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool, self._vault, self._clock = pool, vault, clock
        self._known: Catalogue | None = None
        self._version = 0
        self._due = 0.0

    async def current(self) -> Catalogue:
        """The catalogue; the last known one while the database is away.

        Raises:
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: it is away, and nothing is known yet.
        """
        if self._known is not None and self._clock() < self._due:
            return self._known
        self._due = self._clock() + FRESH
        try:
            return await self.latest()
        except AWAY:
            if self._known is None:
                raise
            return self._known

    async def latest(self) -> Catalogue:
        """The catalogue with all that was changed before this call.

        Raises:
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database is away.
        """
        async with self._pool.acquire() as connection:
            version = await stream_version(connection, CATALOGUE_STREAM)
            if self._known is None or version != self._version:
                self._known = await load(connection, self._vault)
                self._version = version
            return self._known
