"""What a file adds to a catalogue that supervisors have changed since it was read last."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from uuid import uuid4

from msgspec.structs import replace

from services.intake.seed import news
from shared.catalogue import CATALOGUE_STREAM, Catalogue, CatalogueEvent, parse_toml
from shared.catalogue_history import as_files_said, steps
from shared.events.base import Event
from shared.events.catalogue import CatalogueChanged, SubjectDefined, SubjectRetired
from shared.journal.records import Meta, Position, Recorded
from tests.support.history import NOON, person
from tests.support.intake import CATALOGUE

FILE = parse_toml(CATALOGUE)
ACCESS, SENDING = (event for event in FILE if isinstance(event, SubjectDefined))
SOPHIE = CatalogueChanged(by=person(name="Sophie Durand"), reason="Réorganisation")
MOVED = replace(ACCESS, group="reseau")


def stream(*appends: Sequence[Event]) -> list[Recorded]:
    """The stream after these appends, each a transaction of its own."""
    versions = count(1)
    return [
        Recorded(
            position=Position(xid, version := next(versions)),
            stream_id=CATALOGUE_STREAM,
            version=version,
            event_id=uuid4(),
            recorded_at=NOON,
            event=event,
            meta=Meta(),
        )
        for xid, events in enumerate(appends, 100)
        for event in events
    ]


def retitled(label: str) -> list[CatalogueEvent]:
    return parse_toml(CATALOGUE.replace("Messagerie : envoi ou réception", label))


def test_each_append_is_a_step_with_who_made_it() -> None:
    first, second = steps(stream(FILE, [SOPHIE, MOVED]))
    assert (first.version, first.said, first.events) == (len(FILE), None, tuple(FILE))
    assert (second.version, second.said, second.events) == (len(FILE) + 2, SOPHIE, (MOVED,))


def test_the_same_file_undoes_nothing() -> None:
    past = stream(FILE, [SOPHIE, MOVED, SubjectRetired(subject=SENDING.subject)])
    assert news(past, FILE, everything=False) == []
    assert as_files_said(past) == Catalogue.of(FILE)


def test_a_start_takes_what_changed_in_the_file_alone() -> None:
    past = stream(FILE, [SOPHIE, MOVED])
    (event,) = news(past, retitled("Envoi"), everything=False)
    assert event == replace(SENDING, label="Envoi")


def test_what_both_changed_is_as_the_file_says_once() -> None:
    """The file was edited last; what is changed on a page after that stays again."""
    wanted = retitled("Envoi")
    past = stream(FILE, [SOPHIE, replace(SENDING, label="Envoyer")])
    first = news(past, wanted, everything=False)
    assert first == [replace(SENDING, label="Envoi")]
    later = stream(FILE, [SOPHIE, replace(SENDING, label="Envoyer")], first, [SOPHIE, SENDING])
    assert news(later, wanted, everything=False) == []


def test_a_file_that_says_what_the_page_said_is_remembered() -> None:
    changed = replace(SENDING, label="Envoi")
    past = stream(FILE, [SOPHIE, changed])
    assert news(past, retitled("Envoi"), everything=False) == [changed]


def test_on_purpose_a_file_has_its_way() -> None:
    other = replace(ACCESS, subject="visio", label="Visioconférence")
    past = stream(FILE, [SOPHIE, MOVED, other, SubjectRetired(subject=SENDING.subject)])
    events = news(past, FILE, everything=True)
    assert events == [ACCESS, SENDING, SubjectRetired(subject="visio")]
    after = Catalogue.of(one.event for one in stream([one.event for one in past], events))
    assert [subject.subject for subject in after.choices()] == [ACCESS.subject, SENDING.subject]


def test_a_retired_subject_of_a_file_is_defined_and_retired() -> None:
    wanted = parse_toml(CATALOGUE.replace('kind = "incident"', 'kind = "incident"\nretired = true', 1))
    assert wanted[-1] == SubjectRetired(subject=ACCESS.subject)
    assert news(stream(FILE), wanted, everything=True) == [SubjectRetired(subject=ACCESS.subject)]
    assert news(stream(wanted), wanted, everything=True) == []
    relabelled = parse_toml(CATALOGUE.replace('kind = "incident"', 'kind = "request"\nretired = true', 1))
    assert news(stream(wanted), relabelled, everything=False)[1:] == [SubjectRetired(subject=ACCESS.subject)]
