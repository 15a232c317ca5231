"""Telephone numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import phone


@pytest.mark.parametrize(
    ("written", "kept", "shown"),
    [
        ("01 44 55 66 77", "+33144556677", "01 44 55 66 77"),
        ("01.44.55.66.77", "+33144556677", "01 44 55 66 77"),
        ("0144556677", "+33144556677", "01 44 55 66 77"),
        ("+33 (0)1 44 55 66 77", "+33144556677", "01 44 55 66 77"),
        ("0033 6 12 34 56 78", "+33612345678", "06 12 34 56 78"),
        ("0262 12 34 56", "+262262123456", "+262 262 12 34 56"),
        ("0692 12 34 56", "+262692123456", "+262 692 12 34 56"),
        ("+32 2 555 12 12", "+3225551212", "+32 2 555 12 12"),
        ("01 44 55 66 77 poste 12", "+33144556677;ext=12", "01 44 55 66 77 poste 12"),
    ],
)
def test_numbers_are_kept_and_shown(written, kept, shown):
    assert phone.parse(written) == kept
    assert phone.show(kept).replace("\u00a0", " ") == shown
    assert phone.parse(kept) == kept


@pytest.mark.parametrize("written", ["", "12", "1234", "01 02", "abc", "0899 12 34 56", "+99 1234", "0" * 60, "٣"])
def test_what_cannot_be_called(written):
    with pytest.raises(ValueError, match="numéro de téléphone"):
        phone.parse(written)


def test_what_is_no_number_is_shown_as_it_stands():
    assert phone.show("[donnée effacée]") == "[donnée effacée]"


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_not(text):
    try:
        assert phone.parse(text).startswith("+")
    except ValueError as error:
        assert "numéro" in str(error)  # noqa: PT017 - both ends are right
