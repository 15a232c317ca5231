"""The catalogue as projections and answers need it: labels, kinds and groups, kept in each generation's own schema."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from services.query.projections.generations import sql
from shared.database import Connection
from shared.events import catalogue
from shared.events.base import Event
from shared.events.vocabulary import Kind
from shared.journal.records import Recorded
from shared.wire import SubjectItem

HANDLED: Final[frozenset[type[Event]]] = frozenset(
    {catalogue.GroupDefined, catalogue.SubjectDefined, catalogue.SubjectRetired}
)


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group that answers; a column each."""

    group_code: str
    label: str
    rank: int


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A subject that can be chosen, or could; a column each."""

    subject: str
    label: str
    kind: Kind
    group_code: str
    retired: bool
    rank: int


class Catalogue(msgspec.Struct):
    """Groups and subjects by code, as they are after some events."""

    groups: dict[str, Group]
    subjects: dict[str, Subject]

    def label(self, subject: str) -> str:
        """The label of a subject; its code where the catalogue does not know it."""
        return found.label if (found := self.subjects.get(subject)) else subject

    def kind(self, subject: str) -> Kind:
        """What a subject is about; an incident where the catalogue does not know it."""
        return found.kind if (found := self.subjects.get(subject)) else Kind.INCIDENT

    def group(self, subject: str) -> str | None:
        """The group that answers for a subject."""
        return found.group_code if (found := self.subjects.get(subject)) else None

    def group_label(self, group: str | None) -> str | None:
        """The label of a group; its code where the catalogue does not know it."""
        if group is None:
            return None
        return found.label if (found := self.groups.get(group)) else group

    def evolve(self, event: Event) -> None:
        """Take in one event; others than the catalogue's change nothing."""
        match event:
            case catalogue.GroupDefined(group=code, label=label):
                known = self.groups.get(code)
                rank = known.rank if known else len(self.groups)
                self.groups[code] = Group(group_code=code, label=label, rank=rank)
            case catalogue.SubjectDefined(subject=code, label=label, kind=kind, group=group):
                old = self.subjects.get(code)
                self.subjects[code] = Subject(
                    subject=code,
                    label=label,
                    kind=kind,
                    group_code=group,
                    retired=False,
                    rank=old.rank if old else len(self.subjects),
                )
            case catalogue.SubjectRetired(subject=code) if old := self.subjects.get(code):
                self.subjects[code] = msgspec.structs.replace(old, retired=True)
            case _:
                pass

    def items(self) -> list[SubjectItem]:
        """The subjects in the order of the catalogue."""
        return [
            SubjectItem(
                subject=subject.subject,
                label=subject.label,
                kind=subject.kind,
                kind_label=subject.kind.label,
                group=subject.group_code,
                group_label=self.group_label(subject.group_code) or "",
                retired=subject.retired,
            )
            for subject in self.subjects.values()
        ]


async def read(connection: Connection, schema: str) -> Catalogue:
    """The catalogue of a generation."""
    statements = sql(__file__, schema)
    groups = msgspec.convert([dict(row) for row in await connection.fetch(statements.groups)], list[Group])
    subjects = msgspec.convert([dict(row) for row in await connection.fetch(statements.subjects)], list[Subject])
    return Catalogue({group.group_code: group for group in groups}, {item.subject: item for item in subjects})


async def apply(connection: Connection, schema: str, page: Sequence[Recorded], known: Catalogue) -> None:
    """Write what a page of events made of the catalogue; `known` has already taken them in."""
    if not any(type(recorded.event) in HANDLED for recorded in page):
        return
    statements = sql(__file__, schema)
    await connection.execute(statements.write_groups, *columns(list(known.groups.values()), Group))
    await connection.execute(statements.write_subjects, *columns(list(known.subjects.values()), Subject))


def columns(rows: Sequence[msgspec.Struct], shape: type[msgspec.Struct]) -> list[list[Any]]:
    """One list a field, for `unnest`."""
    return [[getattr(row, name) for row in rows] for name in shape.__struct_fields__]
