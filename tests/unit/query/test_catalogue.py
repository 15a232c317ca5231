"""The catalogue as a file, its history, and where incidents would go under other routes."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.query.catalogue import history
from services.query.catalogue.history import Asked, build, read_asked
from services.query.catalogue.routes import Incident, OtherRoutes, dry_run, rerouted
from services.query.catalogue.toml import to_toml
from shared.catalogue import Catalogue, parse_toml
from shared.events.base import Event
from shared.events.catalogue import (
    CalendarDefined,
    CannedTextDefined,
    CatalogueChanged,
    GroupDefined,
    SubjectDefined,
    SubjectRetired,
    Week,
)
from shared.events.vocabulary import Kind, Urgency
from shared.http.bodies import Body
from shared.http.problems import Problem
from shared.text import clean_text
from tests.support.history import NOON, person
from tests.support.intake import CATALOGUE
from tests.unit.journal.test_catalogue_history import stream

FILE = parse_toml(CATALOGUE)
KNOWN = Catalogue.of(FILE)
ACCESS = KNOWN.subjects["messagerie.acces"]
SHIPPED = (Path(__file__).parents[3] / "deploy" / "catalogue.toml").read_text(encoding="utf-8")

#: What pages keep of texts, whatever was typed; a file holds no lone surrogates.
texts = st.text(st.characters(codec="utf-8"), max_size=40).map(clean_text)
codes = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
minutes = st.fixed_dictionaries({urgency: st.integers(1, 10**6) for urgency in Urgency})
lines = texts.map(lambda text: text.replace("{", "").replace("}", ""))

weeks = st.builds(
    Week, mon=st.sampled_from([(), ("08:00-18:00",), ("08:00-12:00", "13:30-24:00")]), sat=st.just(("09:00-12:00",))
)


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    calendars = [
        CalendarDefined(
            calendar=code,
            label=draw(texts.filter(bool)),
            timezone="Europe/Paris",
            open=draw(weeks),
            holidays=draw(st.sampled_from([None, "FR", "FR-57"])),
            closed=draw(st.sampled_from([(), ("12-24", "2026-12-21/2027-01-03", "easter+1")])),
        )
        for code in draw(st.lists(codes, min_size=1, max_size=2, unique=True))
    ]
    groups = [
        GroupDefined(
            group=code,
            label=draw(texts),
            mail=draw(texts),
            calendar=draw(st.sampled_from(calendars)).calendar,
            programs=draw(st.booleans()),
        )
        for code in draw(st.lists(codes, min_size=1, max_size=3, unique=True))
    ]
    subjects = [
        SubjectDefined(
            subject=code,
            label=draw(texts),
            kind=draw(st.sampled_from(Kind)),
            group=draw(st.sampled_from(groups)).group,
            take=draw(minutes),
            resolve=draw(minutes),
        )
        for code in draw(st.lists(codes, min_size=1, max_size=3, unique=True))
    ]
    canned = [
        CannedTextDefined(
            canned=code,
            label=draw(texts),
            text=draw(lines),
            groups=tuple(draw(st.lists(st.sampled_from(groups).map(lambda group: group.group), max_size=2))),
        )
        for code in draw(st.lists(codes, max_size=2, unique=True))
    ]
    gone = [SubjectRetired(subject=subject.subject) for subject in subjects if draw(st.booleans())]
    return Catalogue.of([*calendars, *groups, *subjects, *canned, *gone])


def codes_of(known: Catalogue) -> list[list[str]]:
    return [list(part) for part in (known.calendars, known.groups, known.subjects, known.canned)]


@settings(deadline=None)  # the first calendar with public holidays loads those of all countries
@given(catalogues())
def test_what_is_exported_reads_back_the_same_in_the_same_order(known: Catalogue) -> None:
    read = Catalogue.of(parse_toml(to_toml(known)))
    assert read == known
    assert codes_of(read) == codes_of(known)


def test_the_file_it_starts_with_is_exported_for_people_to_read() -> None:
    text = to_toml(Catalogue.of(parse_toml(SHIPPED)))
    assert '[subject."reseau.wifi"]\nlabel = "Réseau : Wi-Fi"\nkind = "incident"\ngroup = "reseau"\n' in text
    assert "take = { low = 960, normal = 480, high = 120, critical = 60 }\n" in text
    assert 'text = """\nBonjour {demandeur},\n\nPour avancer' in text
    assert tomllib.loads(text)["group"]["postes"]["programs"] is True


def changed(reason: str, *events: Event) -> list[Event]:
    return [CatalogueChanged(by=person(name="Sophie Durand"), reason=reason), *events]


def test_the_history_tells_who_changed_what_newest_first() -> None:
    moved = replace(ACCESS, group="reseau")
    past = stream(FILE, changed("Réorganisation", moved), changed("Fusion", SubjectRetired(subject=ACCESS.subject)))
    first, second, third = build(past, Asked(20, None)).items
    assert [(step.version, step.by, step.reason) for step in (first, second, third)] == [
        (9, "Sophie Durand", "Fusion"),
        (7, "Sophie Durand", "Réorganisation"),
        (5, None, None),
    ]
    (change,) = second.changes
    assert [(field.field, field.before, field.after) for field in change.fields] == [("group", "messagerie", "reseau")]
    assert len(third.changes) == len(FILE)


def test_the_history_is_given_by_pages() -> None:
    past = stream(*([ACCESS] for _ in range(5)))
    found, before = [], None
    while True:
        page = build(past, Asked(2, before))
        found += [step.version for step in page.items]
        if page.next is None:
            break
        before = page.next
    assert found == [5, 4, 3, 2, 1]
    assert build([], Asked(2, None)) == build(past, Asked(2, 1)) == history.CatalogueHistory(items=[], next=None)


def test_what_is_asked_of_the_history_is_read() -> None:
    assert read_asked({}) == Asked(20, None)
    assert read_asked({"before": "7", "limit": "3"}) == Asked(3, 7)
    with pytest.raises(Problem) as raised:
        read_asked({"before": "x", "limit": "0"})
    assert {error.field for error in raised.value.errors} == {"before", "limit"}


def incidents(*subjects: str) -> list[Incident]:
    return [
        Incident(f"1181106_{rank:04}", subject, NOON - timedelta(minutes=rank))
        for rank, subject in enumerate(subjects, 1)
    ]


def asked(routes: str) -> Body[OtherRoutes]:
    return Body(OtherRoutes, f'{{"routes": {routes}}}'.encode())


def told(subjects: Sequence[str], routes: str, known: Catalogue = KNOWN) -> dict[tuple[str, str], int]:
    found = dry_run(incidents(*subjects), known, rerouted(known, asked(routes)))
    assert found.examined == len(subjects) == sum(flow.incidents for flow in found.flows)
    assert len(found.moved) == sum(flow.incidents for flow in found.flows if flow.from_group != flow.to_group)
    return {(flow.from_label, flow.to_label): flow.incidents for flow in found.flows}


def test_incidents_of_a_subject_go_where_it_would_be_answered() -> None:
    subjects = ["messagerie.acces", "messagerie.envoi", "messagerie.acces"]
    assert told(subjects, '{"messagerie.acces": "reseau"}') == {
        ("Messagerie et identité", "Réseau"): 2,
        ("Messagerie et identité", "Messagerie et identité"): 1,
    }


def test_those_that_would_move_are_named() -> None:
    other = rerouted(KNOWN, asked('{"messagerie.acces": "reseau"}'))
    found = dry_run(incidents("messagerie.envoi", "messagerie.acces"), KNOWN, other)
    (moved,) = found.moved
    assert (moved.number, moved.subject_label, moved.from_label, moved.to_label) == (
        "1181106_0002",
        ACCESS.label,
        "Messagerie et identité",
        "Réseau",
    )


def test_the_fallback_counts_as_the_notifier_counts_it() -> None:
    other = replace(ACCESS, subject="autre", label="Autre")
    known = KNOWN.evolve(other)
    assert told(["minitel"], '{"autre": "reseau"}', known) == {("Messagerie et identité", "Réseau"): 1}
    assert told(["minitel"], "{}") == {("Aucune équipe", "Aucune équipe"): 1}


def test_a_group_that_is_about_to_be_defined_may_be_named() -> None:
    assert told(["messagerie.acces"], '{"messagerie.acces": "visio"}') == {("Messagerie et identité", "visio"): 1}


@pytest.mark.parametrize("routes", ['{"minitel": "reseau"}', '{"messagerie.acces": 3}', "[]"])
def test_routes_that_make_no_sense_are_refused(routes: str) -> None:
    with pytest.raises(Problem) as raised:
        rerouted(KNOWN, asked(routes))
    assert raised.value.status == 422
