import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.journal.numbers import normalise


@pytest.mark.parametrize(
    "typed",
    [
        "1181106_0230",
        "I181106_0230",
        "i181106_0230",
        "l181106_230",
        "1181106-0230",
        "1181106 230",
        "  1181106_0230\n",
        "1181106_00230",
        "1181106\u00a00230",
        "1181106\u20130230",
        "n° 1181106_0230",
        "N°\u00a01181106_0230",
    ],
)
def test_forgives_what_people_read_aloud_or_type(typed: str) -> None:
    assert normalise(typed) == "1181106_0230"


def test_a_day_may_have_more_than_9999() -> None:
    assert normalise("1181106-10000") == "1181106_10000"


def test_knows_known_errors() -> None:
    assert normalise("e181106_7") == "E181106_0007"


@pytest.mark.parametrize(
    "typed",
    ["", "1181106", "11811060230", "1181106_", "2181106_0230", "1181106_0000", "bonjour", "1181106_٣", "1181106_023x"],
)
def test_anything_else_is_no_number(typed: str) -> None:
    assert normalise(typed) is None


@given(st.text(max_size=60))
def test_never_breaks_and_is_stable(typed: str) -> None:
    number = normalise(typed)
    assert number is None or normalise(number) == number


@given(st.integers(0, 999999), st.integers(1, 10**8))
def test_reads_every_number_there_can_be(day: int, rank: int) -> None:
    number = f"1{day:06}_{rank:04}"
    assert normalise(number) == number
    assert normalise(number.replace("_", " - ")) == number
