"""Names and file names: what is refused, what is cleaned."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text import clean_filename, clean_name, filename_fault, has_control, has_deceptive


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("capture.png", "capture.png"),
        ("e\u0301cran.png", "écran.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\claire\\capture.png", "capture.png"),
        ("a/b\\c.txt", "c.txt"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("a\x00b\x07.png", "ab.png"),
        ("a\nb.png", "a b.png"),
        ('a"b<c>.png', "a_b_c_.png"),
        ("  .caché. ", "caché"),
        ("...", "document"),
        ("", "document"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        ("a" * 300 + ".png", "a" * 251 + ".png"),
        ("é" * 300 + ".png", "é" * 125 + ".png"),
        ("x." + "y" * 300, "x." + "y" * 253),
    ],
)
def test_file_names_are_made_safe(given_name, kept):
    assert clean_filename(given_name) == kept


@given(st.text())
def test_any_file_name_becomes_safe(text):
    name = clean_filename(text)
    assert 0 < len(name.encode()) <= 255
    assert not set(name) & set('/\\:*?"<>|')
    assert name not in {".", ".."}
    assert not has_control(name)
    assert not has_deceptive(name)
    assert clean_filename(name) == name


@pytest.mark.parametrize("name", ["capture.png", "Écran n° 2.PNG", "a" * 251 + ".png", ".bashrc"])
def test_decent_file_names(name):
    assert filename_fault(name) is None


@pytest.mark.parametrize("name", ["", " ", "a/b", "a\\b", "a\0", "a\u202eb", "é" * 128, "a\u200b.png"])
def test_file_names_that_are_refused(name):
    assert filename_fault(name).endswith((".", "!"))


@given(st.text())
def test_any_name_becomes_one_line(text):
    name = clean_name(text)
    assert len(name) <= 200
    assert not has_control(name)
    assert not has_deceptive(name)
    assert "\n" not in name
    assert unicodedata.is_normalized("NFC", name) or len(text) > 200


def test_emoji_and_other_scripts_stay():
    assert clean_name("Zoé 👩\u200d🏫 شيماء") == "Zoé 👩\u200d🏫 شيماء"
