"""The page of a report: its figures, charts and tables, and the same for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from litestar import Response, get
from litestar.params import FromPath

from services.portal.look.typography import lower_first
from services.portal.pages.documents import passed_on
from services.portal.reports import choice as choices
from services.portal.reports import drawing, figures, periods, saved, wording
from services.portal.reports.asking import (
    HOUR,
    WEEKDAY,
    Answers,
    Labels,
    ask,
    item_of,
    labels_of,
    labels_with,
    read,
    second,
)
from services.portal.reports.axes import Frame
from services.portal.reports.choice import Choice
from services.portal.reports.detail import chosen
from services.portal.reports.drawing import Axis, Chart, Figure, Parted, Place, Table, Told
from services.portal.reports.sheets import Sheet, sheet_of
from services.portal.visit import Here
from shared.http.identity import MANAGERS
from shared.wire.reports import Column, Report, ReportItem

_PASSED: Final = ("content-type", "content-disposition")
_HOURS: Final = range(24)
_WEEKDAYS: Final = range(1, 8)


class Shown(NamedTuple):
    """A report as its page needs it: what it is, what was asked, what was answered."""

    item: ReportItem
    choice: Choice
    answers: Answers
    labels: Labels

    @property
    def columns(self) -> dict[str, Column]:
        """The columns of the report by name."""
        return {column.name: column for column in self.item.columns}

    @property
    def sheet(self) -> Sheet:
        """How it is shown."""
        return sheet_of(self.item)


@get(f"{choices.ROOT}/{{name:str}}", access=MANAGERS, include_in_schema=False)
async def report(visit: Here, name: FromPath[str]) -> Response[str]:
    """A report.

    Read from the address: all of `Choice`, `avis` (what a form did).
    """
    item = await item_of(visit, name)
    choice = read(visit, item)
    labels, answers = await labels_of(visit), await ask(visit.query, item, choice)
    shown = Shown(item, choice, answers, labels_with(labels, answers.splits))
    return await visit.page(
        "reports/report.html",
        item=item,
        choice=choice,
        figures=list(totals(shown)),
        charts=list(charts_of(shown)),
        tables=list(tables_of(shown)),
        as_known_at=shown.answers.total.as_known_at,
        versus=versus(choice),
        chosen=list(chosen(choice.filters, labels)),
        options=options(item, labels),
        choices=choices,
        periods=periods,
        notice=saved.NOTICES.get(visit.request.query_params.get("avis", ""), ""),
    )


@get(f"{choices.ROOT}/{{name:str}}/csv", access=MANAGERS, include_in_schema=False)
async def report_csv(visit: Here, name: FromPath[str]) -> Response[Any]:
    """The figures of the page for a spreadsheet, as the query service writes them for people."""
    choice = read(visit, await item_of(visit, name))
    params = choice.asked(choice.period, *filter(None, (choice.unit, choice.split)))
    return await passed_on(visit.query.report_csv(name, {**params, "labels": "true"}), _PASSED)


def versus(choice: Choice) -> str:
    """When the other figures were, as it follows them."""
    if choice.is_beside_year:
        return "un an avant"
    return "à ces dates" if choice.comparison == "dates" else "auparavant"


def totals(shown: Shown) -> Iterator[Figure]:
    """The figures at the head."""
    now, before = figures.total(shown.answers.total), figures.total(shown.answers.before)
    for name in shown.sheet.figures:
        yield drawing.figure(shown.columns[name], shown.choice, now, before)


def charts_of(shown: Shown) -> Iterator[Chart]:
    """The charts, in order."""
    choice, answers = shown.choice, shown.answers
    told = list(_told(shown))
    for rank, drawn in enumerate(shown.sheet.drawn):
        yield from drawing.over_time(drawn, rank, choice, shown.columns, told)
    if answers.weekdays and answers.hourly:
        yield _weekdays(shown, answers.weekdays)
        yield from filter(None, [_hourly(shown, answers.hourly)])
    column, title = shown.columns[shown.sheet.ranked], shown.sheet.ranking
    if parted := _parted(shown, choice.split, answers.splits, answers.splits_before):
        yield drawing.ranked("selon", title, choice, column, parted)
    if other := _parted(shown, second(shown.item, choice), answers.others, None):
        yield drawing.ranked("autre", title, choice, column, other)
    if parted and column.unit == "count":
        yield from filter(None, [_crossed(shown, parted)])


def _told(shown: Shown) -> Iterator[Told]:
    choice, answers = shown.choice, shown.answers
    yield Told(choice.period, figures.by_moment(answers.moments, choice.period, choice.unit))
    if answers.moments_before:
        before = choice.compared()
        yield Told(before, figures.by_moment(answers.moments_before, before, choice.unit))


def _parted(shown: Shown, axis: str, now: Report | None, before: Report | None) -> Parted | None:
    if now is None:
        return None
    return Parted(
        axis,
        figures.by_split(now, axis, shown.sheet.ranked, shown.labels.get(axis, {})),
        {figures.code(record[axis]): record for record in figures.records(before)} if before else None,
    )


def _weekdays(shown: Shown, report: Report) -> Chart:
    """How many come in on a day of each weekday that was open."""
    found = {str(record[WEEKDAY]): record for record in figures.records(report)}
    words = {str(day): wording.label(WEEKDAY, day, {}) for day in _WEEKDAYS}
    splits = [figures.Split(day, word, found.get(day, figures.nothing(report))) for day, word in words.items()]
    column = shown.columns["created_per_open_day"]
    return drawing.named("jours", "Créés par jour ouvré", shown.choice, column, Parted(WEEKDAY, splits))


def _hourly(shown: Shown, report: Report) -> Chart | None:
    """When incidents come in: by day of the week and hour."""
    return drawing.heat(
        Place("heures", "Créés, par jour de la semaine et par heure", Frame()),
        shown.choice,
        "created",
        lines=Axis(WEEKDAY, {str(day): wording.label(WEEKDAY, day, {}) for day in _WEEKDAYS}),
        moments=Axis(HOUR, {str(one): wording.label(HOUR, one, {}) for one in _HOURS}),
        found=figures.crossed(report, HOUR, WEEKDAY, "created"),
    )


def _crossed(shown: Shown, parted: Parted) -> Chart | None:
    """The ranked column by what it is split by and by moment."""
    choice, report = shown.choice, shown.answers.crossed
    if report is None:
        return None
    ranked = [split for split in parted.splits if split.figures[shown.sheet.ranked]]
    unit = lower_first(periods.UNITS[choice.unit])
    moments, word = periods.moments(choice.period, choice.unit), periods.words(choice.period, choice.unit)
    return drawing.heat(
        Place("croise", f"{shown.sheet.ranking}, par {parted.word} et par {unit}", Frame()),
        choice,
        shown.sheet.ranked,
        lines=Axis(parted.axis, {split.code: split.label for split in ranked[: drawing.MOST_BARS]}),
        moments=Axis(choice.unit, {periods.code(one, choice.unit): word(one) for one in moments}),
        found=figures.crossed(report, choice.unit, parted.axis, shown.sheet.ranked),
    )


def tables_of(shown: Shown) -> Iterator[Table]:
    """All columns, by moment and by what they are split by."""
    choice = shown.choice
    for told in _told(shown):
        caption = (
            f"Toutes les colonnes par {lower_first(periods.UNITS[choice.unit])}, {lower_first(told.period.words())}"
        )
        yield drawing.moments_table(caption, choice, told, shown.item.columns)
    if parted := _parted(shown, choice.split, shown.answers.splits, shown.answers.splits_before):
        yield drawing.splits_table("Toutes les colonnes", choice, shown.item.columns, parted)


def options(item: ReportItem, labels: Labels) -> dict[str, list[Any]]:
    """What can be chosen: units, splits, and for each filter its label, codes and words."""
    known = {**wording.WORDS, **labels}
    return {
        "units": [(unit, periods.UNITS[unit]) for unit in choices.units_of(item)],
        "splits": [(split, wording.axis_name(split)) for split in choices.splits_of(item)],
        "filters": [(axis, wording.axis_name(axis), known[axis].items()) for axis in item.filters if axis in known],
    }
