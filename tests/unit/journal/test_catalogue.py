from pathlib import Path

import msgspec
import pytest

from shared.catalogue import Catalogue, difference, parse_toml
from shared.events.catalogue import (
    CalendarDefined,
    CannedTextDefined,
    CannedTextRetired,
    SubjectDefined,
    SubjectRetired,
    Week,
)
from shared.events.vocabulary import Kind, Urgency
from tests.support.history import routed

FILE = (Path(__file__).parents[3] / "deploy" / "catalogue.toml").read_text(encoding="utf-8")
SMALL = """
[calendar.standard]
[group.accueil]
label = "Accueil"
mail = "a@b.example"
calendar = "standard"
[subject.autre]
label = "Autre demande"
kind = "request"
group = "accueil"
take = { critical = 5 }
[targets]
take = { low = 960, normal = 480, high = 120, critical = 60 }
resolve = { low = 4800, normal = 2400, high = 960, critical = 480 }
"""


def test_reads_the_file_that_it_starts_with() -> None:
    catalogue = Catalogue.of(parse_toml(FILE))
    assert catalogue.label("messagerie.acces") == "Messagerie : connexion impossible"
    assert catalogue.subjects["identite.otp"].group == "securite"
    assert catalogue.group_label("postes") == "Postes de travail et impression"
    assert [code for code, group in catalogue.groups.items() if group.programs] == ["postes"]
    assert [subject.subject for subject in catalogue.choices()][:2] == ["messagerie.acces", "messagerie.envoi"]


def test_targets_that_a_subject_lacks_are_those_of_the_file() -> None:
    (*_, subject) = parse_toml(SMALL)
    assert isinstance(subject, SubjectDefined)
    assert subject.kind is Kind.REQUEST
    assert subject.take == {Urgency.LOW: 960, Urgency.NORMAL: 480, Urgency.HIGH: 120, Urgency.CRITICAL: 5}
    assert subject.resolve[Urgency.CRITICAL] == 480


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('group = "accueil"', 'group = "acceuil"', "there is no group acceuil"),
        ('calendar = "standard"', 'calendar = "été"', "there is no calendar été"),
        ('kind = "request"', 'kind = "wish"', "wish"),
        ("low = 960, ", "", "a target for each urgency"),
        ("[targets]", 'colour = "red"\n[targets]', "colour"),
        ("critical = 5", "urgent = 5", "urgent"),
        ("standard]", 'standard]\nopen = { lundi = "08:00-12:00" }', "calendar standard: .*lundi"),
        ("standard]", 'standard]\nopen = { mon = "8h-12h" }', "calendar standard: .*regex"),
        ("standard]", 'standard]\nopen = { mon = "12:00-08:00" }', "calendar standard: hours that end before"),
        ("standard]", 'standard]\nclosed = ["2026-02-30"]', "calendar standard: there is no day 2026-02-30"),
        ("standard]", 'standard]\nclosed = ["2026-12-24/2026-12-20"]', "calendar standard: days that end before"),
        ("standard]", 'standard]\nholidays = "XX"', "calendar standard: nothing is known of the public holidays of XX"),
        ("standard]", 'standard]\ntimezone = "Europe/Nantes"', "calendar standard: there is no zone Europe/Nantes"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(old: str, new: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_toml(SMALL.replace(old, new))


def test_reads_the_hours_of_a_calendar() -> None:
    hours = 'label = "Bureaux"\nopen = { wed = "08:00-12:00, 13:30-17:30" }\nholidays = "FR-57"\nclosed = ["12-24"]'
    (calendar, *_) = parse_toml(SMALL.replace("[calendar.standard]", f"[calendar.standard]\n{hours}"))
    week = Week(wed=("08:00-12:00", "13:30-17:30"))
    assert calendar == CalendarDefined(
        calendar="standard", label="Bureaux", timezone="Europe/Paris", open=week, holidays="FR-57", closed=("12-24",)
    )


def test_only_a_calendar_that_changed_is_said() -> None:
    wanted = parse_toml(SMALL)
    (calendar, *_) = wanted
    changed = msgspec.structs.replace(calendar, closed=("05-15",))
    assert difference(Catalogue.of(wanted), [changed, *wanted[1:]]) == [changed]
    assert Catalogue.of([*wanted, changed]).calendars == {"standard": changed}


def test_seeding_twice_says_nothing_new() -> None:
    events = parse_toml(FILE)
    assert difference(Catalogue(), events) == events
    assert difference(Catalogue.of(events), events) == []


def test_only_what_changed_is_said() -> None:
    before = Catalogue.of(parse_toml(SMALL))
    (changed,) = difference(before, parse_toml(SMALL.replace("Autre demande", "Autre")))
    assert isinstance(changed, SubjectDefined)
    assert changed.label == "Autre"


def test_a_subject_that_left_the_file_is_retired_and_can_return() -> None:
    wanted = parse_toml(SMALL)
    groups = [event for event in wanted if not isinstance(event, SubjectDefined)]
    before = Catalogue.of(wanted)
    gone = difference(before, groups)
    assert gone == [SubjectRetired(subject="autre")]

    after = Catalogue.of([*wanted, *gone])
    assert not after.can_choose("autre")
    assert after.label("autre") == "Autre demande"
    assert after.choices() == []
    assert difference(after, groups) == []
    assert difference(after, wanted) == [before.subjects["autre"]]
    assert Catalogue.of([*wanted, *gone, before.subjects["autre"]]).can_choose("autre")


def test_unknown_codes_read_as_themselves() -> None:
    empty = Catalogue()
    assert (empty.label("x"), empty.group_label("y"), empty.can_choose("x")) == ("x", "y", False)
    assert empty.kind_of("x") is Kind.INCIDENT
    assert empty.evolve(routed()) is empty


CANNED = """
[canned.merci]
label = "Merci"
text = "Merci {demandeur}."
subjects = ["autre"]
"""


def test_canned_texts_are_read_and_say_where_they_belong() -> None:
    *_, canned = parse_toml(SMALL + CANNED)
    assert canned == CannedTextDefined(canned="merci", label="Merci", text="Merci {demandeur}.", subjects=("autre",))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('["autre"]', '["autres"]', "canned text merci: there is no autres"),
        ("subjects", "groups", "canned text merci: there is no autre"),
        ("{demandeur}", "{prenom}", "canned text merci: Rien ne remplace {prenom}"),
    ],
)
def test_a_canned_text_that_would_not_do_is_refused(old: str, new: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_toml(SMALL + CANNED.replace(old, new))


def test_a_canned_text_that_left_the_file_is_retired_and_can_return() -> None:
    wanted = parse_toml(SMALL + CANNED)
    before = Catalogue.of(wanted)
    gone = difference(before, parse_toml(SMALL))
    assert gone == [CannedTextRetired(canned="merci")]
    after = Catalogue.of([*wanted, *gone])
    assert after.canned == {}
    assert difference(after, parse_toml(SMALL)) == []
    assert difference(after, wanted) == [before.canned["merci"]]
    (changed,) = difference(before, parse_toml(SMALL + CANNED.replace("Merci {", "Bravo {")))
    assert isinstance(changed, CannedTextDefined)
