from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.look import typography
from shared.typography import NBSP, THIN


def test_instants_are_paris_time() -> None:
    instant = datetime(2018, 11, 6, 9, 49, 49, tzinfo=UTC)
    assert typography.moment(instant) == "06/11/2018 10:49:49"
    assert typography.machine(instant) == "2018-11-06T10:49:49+01:00"
    assert typography.clock(datetime(2026, 7, 1, 6, 5, tzinfo=UTC)) == f"8{NBSP}h{NBSP}05"


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (datetime(2026, 11, 24, 7, 47, tzinfo=UTC), f"aujourd’hui à 8{NBSP}h{NBSP}47"),
        (datetime(2026, 11, 23, 22, 59, tzinfo=UTC), f"hier à 23{NBSP}h{NBSP}59"),
        (datetime(2026, 11, 23, 23, 1, tzinfo=UTC), f"aujourd’hui à 0{NBSP}h{NBSP}01"),
        (datetime(2026, 11, 1, 12, 0, tzinfo=UTC), f"le 1er{NBSP}novembre"),
        (datetime(2018, 11, 6, 12, 0, tzinfo=UTC), f"le 6{NBSP}novembre{NBSP}2018"),
    ],
)
def test_the_past_is_told_as_people_do(instant: datetime, said: str) -> None:
    assert typography.ago(instant, datetime(2026, 11, 24, 10, 0, tzinfo=UTC)) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0, f"0{NBSP}octet"),
        (79, f"79{NBSP}octets"),
        (184_320, f"184{NBSP}Ko"),
        (999_400, f"999{NBSP}Ko"),
        (999_600, f"1{NBSP}Mo"),
        (2_400_000, f"2,4{NBSP}Mo"),
        (25_000_000, f"25{NBSP}Mo"),
    ],
)
def test_sizes(length: int, said: str) -> None:
    assert typography.size(length) == said


def test_numbers_and_plurals() -> None:
    assert typography.thousands(1234567) == f"1{THIN}234{THIN}567"
    assert typography.counted(0, "incident", "incidents") == f"0{NBSP}incident"
    assert typography.counted(2, "incident", "incidents") == f"2{NBSP}incidents"
    assert typography.at_least("2", is_least=False) == "2"
    assert typography.at_least("2", is_least=True) == "au moins 2"


def test_initials_and_first_letters() -> None:
    assert typography.initials("Claire Martin") == "CM"
    assert typography.initials("robot-postes") == "RP"
    assert typography.initials("") == ""
    assert typography.lower_first("Écrivez") == "écrivez"
    assert typography.lower_first("PDF refusé") == "PDF refusé"


def test_paragraphs_and_line_ends_of_people_stay() -> None:
    typed = "Bonjour,\r\n\r\n<b>gras</b>\r\nligne\n\n\nfin"
    assert typography.paragraphs(typed) == "<p>Bonjour,</p><p>&lt;b&gt;gras&lt;/b&gt;<br>ligne</p><p>fin</p>"


@given(st.text())
def test_what_people_type_never_becomes_markup(text: str) -> None:
    shown = str(typography.paragraphs(text)).replace("<p>", "").replace("</p>", "").replace("<br>", "")
    assert "<" not in shown


@pytest.mark.parametrize(
    ("minutes", "late", "expected"),
    [
        (70, False, "1 h 10 restantes"),
        (60, False, "1 h restante"),
        (125, False, "2 h 05 restantes"),
        (20, False, "20 min restantes"),
        (1, False, "1 min restante"),
        (0, False, "0 min restante"),
        (-20, True, "en retard de 20 min"),
        (-600, True, "en retard de 10 h"),
        (0, True, "en retard de 0 min"),
    ],
)
def test_time_left(minutes: int, late: bool, expected: str) -> None:
    assert typography.time_left(minutes, late).replace(NBSP, " ") == expected
