"""What canned texts may say, what becomes of it, and for which incidents they are offered."""

import pytest

from shared.canned import PLACEHOLDERS, checked, filled, suits
from shared.events.catalogue import CannedTextDefined


def canned(**where):
    return CannedTextDefined(canned="merci", label="Merci", text="Merci", **where)


def test_every_placeholder_may_stand_in_a_text():
    text = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    assert checked(text) == text


@pytest.mark.parametrize("text", ["{prenom}", "{}", "{ demandeur }", "{Demandeur}", "{demandeur} {0}"])
def test_what_nothing_replaces_is_refused(text):
    with pytest.raises(ValueError, match="Entre accolades sont possibles"):
        checked(text)


def test_braces_that_hold_nothing_are_text():
    assert checked("une accolade { seule") == "une accolade { seule"


def test_placeholders_are_filled_in_once():
    values = {"demandeur": "{agent}", "agent": "Nadia"}
    assert filled("{demandeur}, {agent}, {numero}", values) == "{agent}, Nadia, {numero}"


@pytest.mark.parametrize(
    ("where", "fits"),
    [
        ({}, True),
        ({"subjects": ("reseau.wifi",)}, True),
        ({"subjects": ("autre",)}, False),
        ({"groups": ("reseau",)}, True),
        ({"groups": ("accueil",)}, False),
        ({"subjects": ("autre",), "groups": ("reseau",)}, True),
    ],
)
def test_a_text_is_offered_where_it_belongs(where, fits):
    assert suits(canned(**where), "reseau.wifi", "reseau") is fits


def test_what_waits_for_nobody_yet_gets_no_text_of_a_group():
    assert not suits(canned(groups=("reseau",)), "reseau.wifi", None)
