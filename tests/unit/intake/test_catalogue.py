"""Given a catalogue, when a supervisor changes it, then these events, or everything that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from services.intake.catalogue import deciding, judging
from services.intake.incident.deciding import Refusal
from shared.catalogue import Catalogue, difference, parse_toml
from shared.catalogue_changes import changes
from shared.events.base import Event
from shared.events.catalogue import (
    CalendarDefined,
    CannedTextDefined,
    CatalogueChanged,
    GroupDefined,
    SubjectDefined,
    SubjectRetired,
)
from shared.events.vocabulary import Urgency
from shared.http.problems import FieldError, Problem
from shared.wire.catalogue import FieldChange
from tests.support.history import person
from tests.support.intake import CATALOGUE

FILE = parse_toml(CATALOGUE)
KNOWN = Catalogue.of(FILE)
GROUP, SUBJECT = KNOWN.groups["reseau"], KNOWN.subjects["messagerie.acces"]
CANNED = CannedTextDefined(canned="bonjour", label="Bonjour", text="Bonjour {demandeur},")
WITH_TEXT = KNOWN.evolve(CANNED)
SHIPPED = (Path(__file__).parents[3] / "deploy" / "catalogue.toml").read_text(encoding="utf-8")


def wrong_subject(**values: Any) -> dict[str, str]:
    return {fault.field: fault.message for fault in faults(SubjectDefined, SUBJECT.subject, asdict(SUBJECT) | values)}


def faults(kind: type[Event], code: str, given: dict[str, Any], known: Catalogue = KNOWN) -> list[FieldError]:
    return list(judging.faults(known, known, kind, code, given))


def fields(kind: type[Event], given: dict[str, Any], known: Catalogue = KNOWN) -> list[str]:
    return [fault.field for fault in faults(kind, "nouveau", given, known)]


def test_a_change_is_led_by_who_made_it_and_why() -> None:
    sophie = person(name="Sophie Durand")
    moved = replace(SUBJECT, group="reseau")
    said, event = deciding.changed(sophie, "Réorganisation", deciding.define(KNOWN, moved))
    assert (said, event) == (CatalogueChanged(by=sophie, reason="Réorganisation"), moved)


def test_what_holds_already_is_refused() -> None:
    for events in (
        deciding.define(KNOWN, SUBJECT),
        deciding.define(KNOWN, GROUP),
        deciding.define(WITH_TEXT, CANNED),
        difference(KNOWN, FILE),
    ):
        with pytest.raises(Refusal, match="unchanged"):
            deciding.changed(person(), "Pour rien", events)


def test_a_retired_subject_stays_known_and_comes_back_as_it_is_defined() -> None:
    (gone,) = deciding.retire_subject(KNOWN, SUBJECT.subject)
    after = KNOWN.evolve(gone)
    assert (after.can_choose(SUBJECT.subject), after.label(SUBJECT.subject)) == (False, SUBJECT.label)
    with pytest.raises(Refusal, match="retired"):
        deciding.retire_subject(after, SUBJECT.subject)
    (back,) = deciding.define(after, SUBJECT)
    assert after.evolve(back).can_choose(SUBJECT.subject)


def test_what_does_not_exist_cannot_be_retired() -> None:
    for retire in (deciding.retire_subject, deciding.retire_canned_text):
        with pytest.raises(Problem) as raised:
            retire(KNOWN, "minitel")
        assert raised.value.status == 404


def test_a_canned_text_that_was_retired_is_offered_no_longer() -> None:
    (gone,) = deciding.retire_canned_text(WITH_TEXT, "bonjour")
    assert WITH_TEXT.evolve(gone).canned == {}


@pytest.mark.parametrize("code", ["", "Réseau", "a b", "a/b", ".a", "a..b", "a-", "x" * 61])
def test_a_new_code_is_plain(code: str) -> None:
    assert [fault.field for fault in faults(GroupDefined, code, {})] == ["code"]
    assert faults(GroupDefined, code, {}, KNOWN.evolve(replace(GROUP, group=code))) == []


def test_plain_codes_are_taken() -> None:
    for code in ("reseau", "reseau.wifi-2", "2026.rentree", "x" * 60):
        assert faults(GroupDefined, code, {}) == []


def test_everything_that_is_wrong_with_a_subject_is_told() -> None:
    take, resolve = {**SUBJECT.take, Urgency.LOW: 0}, {**SUBJECT.resolve, Urgency.HIGH: 1}
    wrong = wrong_subject(group="minitel", label=" messagerie : ENVOI ou réception".strip(), take=take, resolve=resolve)
    assert set(wrong) == {"group", "label", "take.low", "resolve.high"}
    assert wrong_subject() == {}


def test_of_what_could_not_be_read_nothing_is_said_twice() -> None:
    for kind in (CalendarDefined, GroupDefined, SubjectDefined, CannedTextDefined):
        assert fields(kind, {}) == []


def test_the_label_of_a_retired_subject_is_free() -> None:
    retired = KNOWN.evolve(SubjectRetired(subject="messagerie.envoi"))
    label = KNOWN.label("messagerie.envoi")
    assert fields(SubjectDefined, {"label": label}) == ["label"]
    assert fields(SubjectDefined, {"label": label}, retired) == []


def test_what_is_wrong_with_a_group_or_a_canned_text_is_told() -> None:
    assert fields(GroupDefined, {"label": "Messagerie et identité", "calendar": "lunaire"}) == ["label", "calendar"]
    canned = {"label": "BONJOUR", "text": "Cher {client}", "subjects": ["x"], "groups": ["y"]}
    assert fields(CannedTextDefined, canned, WITH_TEXT) == ["label", "text", "subjects", "groups"]


def test_what_is_wrong_with_a_calendar_is_told() -> None:
    wrong = {
        "timezone": "Mars/Olympus",
        "holidays": "Moselle",
        "open": {"mon": ["08:00-12:00", "8h-12h"], "tue": ["12:00-08:00"], "wed": []},
        "closed": ["12-24", "Noël"],
    }
    assert fields(CalendarDefined, wrong) == ["timezone", "holidays", "open.mon", "open.tue", "closed"]
    assert fields(CalendarDefined, {"open": {"mon": []}}) == ["open"]
    right = {
        "label": "Samedi",
        "timezone": "Indian/Reunion",
        "holidays": "FR-57",
        "open": {"sat": ["08:00-12:00", "13:00-24:00"]},
        "closed": ["12-24", "2026-12-24", "2026-12-21/2027-01-03", "easter+1"],
    }
    assert fields(CalendarDefined, right) == []


def test_the_file_it_starts_with_could_have_been_typed() -> None:
    assert list(judging.file_faults(Catalogue(), parse_toml(SHIPPED))) == []


def test_a_file_is_judged_definition_by_definition() -> None:
    text = CATALOGUE.replace('label = "Réseau"', 'label = "Messagerie et identité"').replace(
        "critical = 480", "critical = 1"
    )
    text = text.replace('subject."messagerie.envoi"', 'subject."Envoi !"')
    faults = [fault.field for fault in judging.file_faults(KNOWN, parse_toml(text))]
    assert faults == [
        "group.messagerie.label",
        "group.reseau.label",
        "subject.messagerie.acces.resolve.critical",
        "subject.Envoi !.code",
        "subject.Envoi !.resolve.critical",
    ]


def test_changes_are_told_field_by_field() -> None:
    moved = replace(SUBJECT, group="reseau", take={**SUBJECT.take, Urgency.LOW: 30})
    new = replace(SUBJECT, subject="visio", label="Visioconférence")
    told = changes(KNOWN, [moved, SubjectRetired(subject=SUBJECT.subject), SUBJECT, new, CANNED])
    assert [(one.what, one.code, one.action) for one in told] == [
        ("subject", SUBJECT.subject, "changed"),
        ("subject", SUBJECT.subject, "retired"),
        ("subject", SUBJECT.subject, "returned"),
        ("subject", "visio", "defined"),
        ("canned", "bonjour", "defined"),
    ]
    assert told[0].fields == [
        FieldChange(field="group", before="messagerie", after="reseau"),
        FieldChange(field="take.low", before=960, after=30),
    ]
    assert told[1] == replace(told[1], label=SUBJECT.label, fields=[])
    assert FieldChange(field="label", before=None, after="Visioconférence") in told[3].fields
