"""What the forms of the catalogue say to intake, and what changes are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.portal.catalogue import durations
from services.portal.catalogue.parts import CALENDARS, CANNED, GROUPS, PARTS, SUBJECTS
from services.portal.catalogue.wording import told
from services.portal.look.typography import duration
from services.query.catalogue.reading import state
from shared.catalogue import Catalogue, parse_toml
from shared.catalogue_changes import changes
from shared.events.catalogue import SubjectRetired

FILE = parse_toml((Path(__file__).parents[3] / "deploy" / "catalogue.toml").read_text(encoding="utf-8"))
KNOWN = Catalogue.of(FILE)
STATE = state(KNOWN, 1)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (45, "45\u00a0min"),
        (60, "1\u00a0h"),
        (90, "1\u00a0h\u00a030"),
        (65, "1\u00a0h\u00a005"),
        (60_000, "1\u202f000\u00a0h"),
    ],
)
def test_durations_are_said_in_hours_and_minutes(minutes: int, said: str) -> None:
    assert duration(minutes) == said
    assert durations.read(*durations.split(minutes)) == minutes


@pytest.mark.parametrize(
    ("hours", "minutes", "read"),
    [
        ("", "", None),
        ("2", "", 120),
        ("", "15", 15),
        (" 1 ", "90", 150),
        ("deux", "", "deux h "),
        ("1,5", "", "1,5 h "),
        ("9" * 20, "", "9" * 20 + " h "),
        ("9" * 5_000, "", "9" * 5_000 + " h "),
    ],
)
def test_durations_are_read_as_they_are_typed(hours: str, minutes: str, read: int | str | None) -> None:
    assert durations.read(hours, minutes) == read


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_a_form_that_is_left_alone_says_what_the_catalogue_says(part) -> None:
    """Each control of each part is filled from a definition, and leads back to it."""
    for definition in part.definitions(STATE):
        typed = part.typed(definition)
        assert set(typed) == part.inputs
        body = part.body(typed)
        same = {name: getattr(definition, name) for name in body}
        if part is CALENDARS:
            same["open"] = {day: same["open"].get(day, []) for day in body["open"]}
        assert body == same


def test_what_is_left_empty_is_not_said() -> None:
    empty = dict.fromkeys(SUBJECTS.inputs, "")
    assert SUBJECTS.body(empty) == {"label": "", "kind": "", "group": "", "take": {}, "resolve": {}}
    assert GROUPS.body(dict.fromkeys(GROUPS.inputs, ""))["programs"] is False
    assert CANNED.body(dict.fromkeys(CANNED.inputs, ""))["subjects"] == []


def test_hours_and_days_are_read_however_they_are_parted() -> None:
    typed = dict.fromkeys(CALENDARS.inputs, "") | {
        "open_mon": "08:00-12:00 ; 13:30-17:30",
        "closed": "12-24,\n easter+1\n",
    }
    body = CALENDARS.body(typed)
    assert (body["open"]["mon"], body["open"]["tue"]) == (["08:00-12:00", "13:30-17:30"], [])
    assert (body["closed"], body["holidays"]) == (["12-24", "easter+1"], None)


def test_changes_are_told_with_labels_and_durations() -> None:
    text = (Path(__file__).parents[3] / "deploy" / "catalogue.toml").read_text(encoding="utf-8")
    text = text.replace(
        'kind = "incident"\ngroup = "accueil"', 'kind = "request"\ngroup = "reseau"\ntake = { low = 90 }'
    )
    after = parse_toml(text)
    (change,) = told(changes(KNOWN, [event for event in after if event not in FILE]), STATE)
    assert (change.title, change.label, change.action) == (
        "Objet",
        "Portail ARENA : accès à une application",
        "modifié",
    )
    assert change.fields == [
        ("Type", "Incident", "Demande"),
        ("Équipe", "Accueil CeCoIA", "Réseau et internet"),
        ("Prise en compte, urgence faible", "16\u00a0h", "1\u00a0h\u00a030"),
    ]


def test_what_was_added_or_retired_is_told_in_its_gender() -> None:
    group = next(iter(KNOWN.groups.values()))
    added, retired = told(changes(Catalogue(), [group, SubjectRetired(subject="x")]), STATE)
    assert (added.title, added.action) == ("Équipe", "ajoutée")
    assert (retired.title, retired.label, retired.action) == ("Objet", "x", "retiré")
