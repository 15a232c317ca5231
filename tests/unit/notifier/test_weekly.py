"""Which week is told of when, and how its figures read."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.notifier.mail.plain import Letter
from services.notifier.weekly.figures import Figures, Misrouted, Summary
from services.notifier.weekly.letter import letter
from services.notifier.weekly.weeks import Week, last_week

SNAPSHOTS = Path(__file__).parent / "snapshots"
WEEK = Week(date(2026, 11, 16))
FULL = Figures(
    created=1312,
    taken=1290,
    resolved=1205,
    closed=1180,
    open=204,
    taken_in_time=0.925,
    resolved_in_time=0.881,
    ratings=330,
    average=4.24,
)
LABELS = {"messagerie.acces": "Messagerie\u00a0: connexion impossible", "reseau.wifi": "Réseau\u00a0: Wi-Fi <lent>"}


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        (datetime(2026, 11, 23, 5, 59, 59, tzinfo=UTC), date(2026, 11, 9)),  # winter: seven is six in UTC
        (datetime(2026, 11, 23, 6, 0, tzinfo=UTC), date(2026, 11, 16)),
        (datetime(2026, 11, 29, 22, 59, tzinfo=UTC), date(2026, 11, 16)),
        (datetime(2026, 7, 6, 4, 59, 59, tzinfo=UTC), date(2026, 6, 22)),  # summer: five
        (datetime(2026, 7, 6, 5, 0, tzinfo=UTC), date(2026, 6, 29)),
        (datetime(2026, 3, 30, 5, 0, tzinfo=UTC), date(2026, 3, 23)),  # the night before, clocks went forward
        (datetime(2026, 10, 26, 5, 59, tzinfo=UTC), date(2026, 10, 12)),  # and back
    ],
)
def test_a_week_is_told_of_on_the_monday_after_it_at_seven_in_paris(now: datetime, monday: date) -> None:
    assert last_week(now) == Week(monday)


def test_a_week_lasts_from_monday_to_sunday_whatever_clocks_do() -> None:
    week = Week(date(2026, 10, 19))
    assert (week.last, week.before) == (date(2026, 10, 25), Week(date(2026, 10, 12)))
    assert week.end == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)


def told(summary: Summary) -> Letter:
    to = "responsables@cecoia.example"
    return letter(WEEK, summary, lambda code: LABELS.get(code, code), "https://cecoia.example/", to)


def test_it_reads_as_it_did() -> None:
    before = Figures(created=1101, taken=1090, resolved=990, closed=1001, open=180, taken_in_time=0.9)
    misrouted = [
        Misrouted(subject="messagerie.acces", incidents=40, transferred=12),
        Misrouted(subject="reseau.wifi", incidents=9, transferred=2),
    ]
    made = told(Summary(FULL, before, misrouted))
    assert (made.to, made.subject) == (
        ("", "responsables@cecoia.example"),
        "[CeCoIA] Semaine du 16/11/2026 au 22/11/2026",
    )
    for path, text in {SNAPSHOTS / "weekly.txt": made.text, SNAPSHOTS / "weekly.html": made.html}.items():
        if os.environ.get("UPDATE_SNAPSHOTS"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")


def test_an_empty_week_says_so() -> None:
    text = told(Summary(Figures(), Figures(), [])).text
    assert "Reçus : 0 (0)" in text
    assert "Résolus à temps : sans objet (sans objet)" in text
    assert "Satisfaction : aucun avis (aucun avis)" in text
    assert "mal orientés" not in text
