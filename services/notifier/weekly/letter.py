"""From the figures of a week to the mail that says them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notifier.mail import letters
from services.notifier.mail.plain import Letter
from services.notifier.weekly.figures import Figures, Misrouted, Summary
from services.notifier.weekly.weeks import Week
from shared.typography import NBSP, THIN

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader([Path(__file__).parent, Path(letters.__file__).parent / "messages"]),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
)
#: The reports that say more, by the words for them.
_REPORTS: Final = {
    "Volumes": "volumes",
    "Incidents en cours": "backlog",
    "Délais promis": "targets",
    "Satisfaction": "satisfaction",
    "Transferts": "transfers",
}


def letter(week: Week, summary: Summary, label: Callable[[str], str], portal: str, to: str) -> Letter:
    """The mail about a week.

    Args:
        week: which.
        summary: its figures.
        label: the words for a subject.
        portal: address of the portal.
        to: address of the supervisors.
    """
    days = f"du {week.first:%d/%m/%Y} au {week.last:%d/%m/%Y}"
    period = urlencode({"from": week.first.isoformat(), "to": week.last.isoformat()})
    root = f"{portal.rstrip('/')}/rapports"
    words = {
        "lead": f"La semaine {days} en chiffres, et entre parenthèses celle d’avant.",
        "facts": [(name, f"{told(summary.week)} ({told(summary.before)})") for name, told in _LINES.items()],
        "misrouted": [(label(one.subject), _transferred(one)) for one in summary.misrouted],
        "root": root,
        "links": [(name, f"{root}/{report}?{period}") for name, report in _REPORTS.items()],
    }
    return Letter(
        to=("", to),
        subject=f"[CeCoIA] Semaine {days}",
        text=_TEMPLATES.get_template("report.txt").render(words),
        html=_TEMPLATES.get_template("report.html").render(words),
    )


def _count(number: int) -> str:
    return f"{number:,}".replace(",", THIN)


def _share(share: float | None) -> str:
    return "sans objet" if share is None else f"{100 * share:.0f}{NBSP}%"


def _satisfaction(figures: Figures) -> str:
    if figures.average is None:
        return "aucun avis"
    return f"{figures.average:.1f} sur 5, {_count(figures.ratings)} avis".replace(".", ",", 1)


def _transferred(one: Misrouted) -> str:
    return f"{_count(one.transferred)} transférés sur {_count(one.incidents)}"


#: What is told of a week, line by line.
_LINES: Final[dict[str, Callable[[Figures], str]]] = {
    "Reçus": lambda figures: _count(figures.created),
    "Pris en compte": lambda figures: _count(figures.taken),
    "Résolus": lambda figures: _count(figures.resolved),
    "Clôturés": lambda figures: _count(figures.closed),
    "En cours à la fin": lambda figures: _count(figures.open),
    "Pris en compte à temps": lambda figures: _share(figures.taken_in_time),
    "Résolus à temps": lambda figures: _share(figures.resolved_in_time),
    "Satisfaction": _satisfaction,
}
