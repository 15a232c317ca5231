"""What query answers for reporting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from shared.wire import Answer


class Column(Answer, frozen=True, kw_only=True):
    """A column of a report; `unit` is `day`, `label`, `code`, `count`, `minutes`, `share` (0 to 1) or `average`."""

    name: str
    label: str
    unit: str


class Report(Answer, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Figures over a period of Europe/Paris days, both ends included; null where there is nothing to reckon from.

    `as_known_at` is the instant that was asked for: nothing that was recorded later is in the figures. `known_errors`
    has the titles of those that the rows name, by number.
    """

    name: str
    title: str
    from_: date
    to: date
    by: list[str]
    as_known_at: datetime | None = None
    columns: list[Column]
    rows: list[list[str | int | float | None]]
    known_errors: Mapping[str, str] = {}


class ReportItem(Answer, frozen=True, kw_only=True):
    """A report that can be asked for.

    Attributes:
        about: what is counted and how, in French.
        by: what it can be split by.
        columns: its figures, in order.
        filters: the parameters that narrow it, each a comma list of codes.
    """

    name: str
    title: str
    about: str
    by: list[str]
    columns: list[Column]
    filters: list[str]


class Reports(Answer, frozen=True, kw_only=True):
    """The reports there are."""

    items: list[ReportItem]


class DetailItem(Answer, frozen=True, kw_only=True):
    """One of the events that a figure is made of; `version` is that of its incident after it.

    Attributes:
        minutes: what it adds to a figure in minutes; null where the figure counts events.
        url: the incident's page in the portal, without the host.
    """

    number: str
    version: int
    type: str
    at: datetime
    minutes: int | None
    group: str | None
    subject: str
    urgency: str
    url: str


class Detail(Answer, frozen=True, kw_only=True):
    """A page of what one figure of a report is made of; `next` is the cursor of the following one."""

    column: str
    label: str
    items: list[DetailItem]
    total: int
    next: str | None = None
