"""Statements put together from the parts in `composing.sql`; none of the words in them comes from the reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from services.query.projections.generations import sql
from services.query.reports.asking import Asked, AskedDetail
from services.query.reports.axes import Axis, order
from services.query.reports.declared import Declared
from shared.database import Statements

#: `:name`, but neither `::type` nor a part of a word.
_PARAMETER: Final = re.compile(r"(?<![:\w]):([a-z_]+)\b")


class Statement(NamedTuple):
    """A statement and the values of its parameters, in order."""

    text: str
    values: list[Any]


class Composer:
    """Puts together what one question about one report asks the database."""

    def __init__(self, schema: str, report: Declared, asked: Asked, given: Mapping[str, Any]) -> None:
        """Prepare.

        Args:
            schema: of the generation.
            report: which one.
            asked: the question.
            given: values of the parameters.
        """
        self._parts: Statements = sql(__file__, schema)
        self._report, self._asked = report, asked
        self._given: dict[str, Any] = dict(given)
        self._axes = {name: report.axes[name] for name in asked.by}

    def figures(self) -> Statement:
        """A row for each cell that holds something; without axes, one row."""
        axes = self._axes.values()
        figures = (figure.expression for figure in self._report.figures)
        columns = ", ".join([*(axis.column for axis in axes), *figures])
        group = f"group by {', '.join(axis.column for axis in axes)}" if axes else ""
        ordered = f"order by {', '.join(map(order, axes))}" if axes else ""
        return self._bound(_filled(self._parts.figures, columns=columns, rows=self._rows(), group=group, order=ordered))

    def waiting(self) -> Statement:
        """The incidents of known errors that are not resolved."""
        return self._bound(_filled(self._parts.waiting, rows=self._facts()))

    def detail(self, detail: AskedDetail) -> Statement:
        """A page of the rows that a figure in a cell is made of."""
        cell = [self._is(name, self._axes[name], word) for name, word in detail.cell.items()]
        after = "true"
        if detail.after:
            self._given |= {f"after_{name}": value for name, value in detail.after._asdict().items()}
            after = (
                "(known, stream_id, version, day) > "
                "(:after_known::timestamptz, :after_stream_id::uuid, :after_version::integer, :after_day::date)"
            )
        self._given["limit"] = detail.limit + 1
        parts = {"minutes": detail.figure.minutes, "rows": self._rows(), "after": after}
        return self._bound(
            _filled(self._parts.detail, **parts, figure=" and ".join([f"({detail.figure.rows})", *cell]))
        )

    def _rows(self) -> str:
        """The rows of the report."""
        match self._report.source:
            case "facts":
                return self._facts()
            case "spells":
                return self._placed(self._parts.spells)
            case other:
                split = "".join(f", {axis.column}" for axis in self._axes.values())
                return _filled(vars(self._parts)[other], rows=self._facts(), by=split)

    def _facts(self) -> str:
        names = ", ".join(f"'{fact}'" for fact in self._report.facts)
        return _filled(self._placed(self._parts.facts), facts=names)

    def _placed(self, text: str) -> str:
        """A part with the days of the period and what the question narrows it to."""
        of_days = [axis.column for axis in self._axes.values() if axis.of_days]
        calendar = f"partition by {', '.join(of_days)}" if of_days else ""
        return _filled(
            text, days=_filled(self._parts.days, calendar=calendar), calendar=calendar, conditions=self._only()
        )

    def _only(self) -> str:
        conditions = ["true"]
        for name, codes in self._asked.filters.items():
            self._given[f"only_{name}"] = codes
            conditions.append(f"c.{self._report.axes[name].column} = any(:only_{name}::text[])")
        return " and ".join(conditions)

    def _is(self, name: str, axis: Axis, word: str | None) -> str:
        parameter = f"cell_{axis.column}_{name.replace('-', '_')}"
        self._given[parameter] = word
        return f"{axis.column}::text is not distinct from :{parameter}::text"

    def _bound(self, text: str) -> Statement:
        """The statement with numbers in place of the names of parameters."""
        names: list[str] = []

        def numbered(found: re.Match[str]) -> str:
            if found[1] not in names:
                names.append(found[1])
            return f"${names.index(found[1]) + 1}"

        numbers = _PARAMETER.sub(numbered, text)
        return Statement(numbers, [self._given[name] for name in names])


def _filled(text: str, **parts: str) -> str:
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return text
