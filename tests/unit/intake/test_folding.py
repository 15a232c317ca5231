"""What is new in an answer, below all that mail programs quote."""

import time

import pytest

from services.intake.letters.folding import fold
from shared.mail import ABOVE

NEW = "Toujours en panne.\n- le matin\n- le soir"


@pytest.mark.parametrize(
    "quoted",
    [
        "Le mar. 6 nov. 2018 à 10:49, CeCoIA <assistance@cecoia.example> a écrit :\n\n> Bonjour\n> Incident n° 1",
        "Le mar. 6 nov. 2018 à 10:49, CeCoIA <assistance@cecoia.example> a\nécrit :\n\n> Bonjour",
        "Le 06/11/2018 à 10:49, CeCoIA a écrit\u00a0:\n\nBonjour\nIncident n° 1",
        "On Tue, Nov 6, 2018 at 10:49 AM CeCoIA <assistance@cecoia.example> wrote:\n> Bonjour",
        "De : CeCoIA <assistance@cecoia.example>\nEnvoyé : mardi 6 novembre 2018 10:49\nÀ : Claire\n\nBonjour",
        "De\u00a0: CeCoIA\nDate\u00a0: mardi\nÀ\u00a0: Claire\n\nBonjour",
        "-----Message d'origine-----\nDe : CeCoIA\nBonjour",
        "________________________________\nDe : CeCoIA\nBonjour",
        f"{ABOVE}\n\nBonjour Claire,",
        f"> {ABOVE}\n>\n> Bonjour Claire,",
        "> Bonjour\n> Incident n° 1",
        "-- \nClaire Martin\n01 44 55 66 77",
        "Envoyé de mon iPhone",
    ],
)
def test_what_stands_below_is_left_out(quoted: str) -> None:
    assert fold(f"{NEW}\n\n{quoted}") == NEW


def test_an_answer_below_or_between_is_found() -> None:
    assert fold("Le 6 novembre, CeCoIA a écrit :\n> Redémarrez.\n\nC’est fait.\n") == "C’est fait."
    assert fold("> Avez-vous redémarré ?\nOui.\n> Et ensuite ?\nRien.") == "Oui.\nRien."


@pytest.mark.parametrize(
    "text",
    [
        "De : mon bureau, à personne\nje ne vois rien",
        "Le voisin a écrit sur le tableau.\nEt alors ?",
        "Bonjour,\n- un\n- deux\nCordialement,\nClaire",
        "a\n\n--- b ---\nc",
    ],
)
def test_what_only_looks_quoted_stays(text: str) -> None:
    assert fold(text) == text


@pytest.mark.parametrize("text", ["> tout est cité", "-- \nClaire", ""])
def test_where_nothing_would_be_left_all_stays(text: str) -> None:
    assert fold(text) == text


@pytest.mark.parametrize("line", ["\n", "Le ", "Le a écrit\n", "De : x\n", "> ", "_", "Le a écrit :\n\n", "- "])
def test_long_texts_take_no_longer_than_they_have_lines(line: str) -> None:
    began = time.process_time()
    fold(line * (200_000 // len(line)))
    assert time.process_time() - began < 2
