"""The bodies of the routes that change the catalogue."""

from __future__ import annotations

from typing import Annotated

import msgspec

from services.intake.forms import Code
from shared.events.vocabulary import Kind
from shared.http.bodies import Email, Line, LongText

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
FileText = Annotated[str, msgspec.Meta(min_length=1, max_length=200_000)]
Texts = Annotated[list[Line], msgspec.Meta(max_length=200)]
Codes = Annotated[list[Code], msgspec.Meta(max_length=100)]


class Targets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Working minutes for each urgency."""

    low: int
    normal: int
    high: int
    critical: int


class Days(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hours of each weekday, `08:00-12:30`; a day without hours is closed."""

    mon: Texts = []
    tue: Texts = []
    wed: Texts = []
    thu: Texts = []
    fri: Texts = []
    sat: Texts = []
    sun: Texts = []


class CalendarForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/catalogue/calendars/{code}`; its texts are those of `CalendarDefined`."""

    label: Line
    timezone: Line = "Europe/Paris"
    open: Days
    holidays: Line | None = None
    closed: Texts = []
    reason: Reason


class GroupForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/catalogue/groups/{code}`; `reason` says why, for the history."""

    label: Line
    mail: Email
    calendar: Code
    programs: bool = False
    reason: Reason


class SubjectForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/catalogue/subjects/{code}`; a retired subject can be chosen again after it."""

    label: Line
    kind: Kind
    group: Code
    take: Targets
    resolve: Targets
    reason: Reason


class CannedTextForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/catalogue/canned-texts/{code}`; without subjects and groups it is offered for all incidents."""

    label: Line
    text: LongText
    subjects: Codes = []
    groups: Codes = []
    reason: Reason


class Retirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `retire`."""

    reason: Reason


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/catalogue/difference`: the text of a catalogue file."""

    toml: FileText


class Import(File, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/catalogue/import`: the catalogue is to be what the file says."""

    reason: Reason
