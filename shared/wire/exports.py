"""What query answers about the tables that can be taken away."""

from __future__ import annotations

from shared.wire import Answer


class ExportColumn(Answer, frozen=True, kw_only=True):
    """A column of an exported table.

    Attributes:
        type: `text`, `integer`, `decimal` or `instant`.
        unit: what it counts, or what its words are; empty where that says nothing.
        meaning: in French.
        sources: names of the events that it comes from; none for all of them.
        required: whether each row has a value.
    """

    name: str
    type: str
    unit: str
    meaning: str
    sources: list[str]
    required: bool


class ExportForm(Answer, frozen=True, kw_only=True):
    """A form; one that is `whole` is given a month at a time and from its beginning only."""

    form: str
    label: str
    media_type: str
    whole: bool


class ExportItem(Answer, frozen=True, kw_only=True):
    """A table that can be taken away; `months` are those that something in it may be of, oldest first."""

    name: str
    title: str
    about: str
    months: list[str]


class Exports(Answer, frozen=True, kw_only=True):
    """What there is, and in which forms."""

    items: list[ExportItem]
    forms: list[ExportForm]


class DictionaryItem(Answer, frozen=True, kw_only=True):
    """The columns of a table, in their order; the first one is the cursor to resume from."""

    name: str
    title: str
    about: str
    columns: list[ExportColumn]


class Dictionary(Answer, frozen=True, kw_only=True):
    """What every column of every table means."""

    items: list[DictionaryItem]


class ExportMonth(Answer, frozen=True, kw_only=True):
    """A month of Europe/Paris, e.g. `2026-11`, and how many rows it has now."""

    month: str
    rows: int


class ExportMonths(Answer, frozen=True, kw_only=True):
    """The months in which a table has rows, oldest first."""

    items: list[ExportMonth]
