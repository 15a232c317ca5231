"""What a mail is about, as far as its words say."""

from pathlib import Path

import pytest

from services.intake.post.guessing import guess
from shared.catalogue import Catalogue, parse_toml

CATALOGUE = Catalogue.of(parse_toml((Path(__file__).parents[3] / "deploy" / "catalogue.toml").read_text()))


@pytest.mark.parametrize(
    ("line", "text", "subject"),
    [
        ("Problème de Wi-Fi", "", "reseau.wifi"),
        ("Plus de wifi en salle 12", "", "reseau.wifi"),
        ("IMPRIMANTES en panne", "", "poste.impression"),
        ("Mot de passe oublié", "Bonjour", "identite.motdepasse"),
        ("coupure internet", "", "reseau.panne"),
        ("Urgent", "J’ai reçu un hameçonnage, un courriel suspect", "securite.hameconnage"),
        ("Accès ARENA", "", "arena.acces"),
        ("Lenteurs du réseau", "", "reseau.lenteur"),
        ("Bonjour", "", "autre"),
        ("", "", "autre"),
        ("Je ne reçois plus de courriels", "", "autre"),
        ("Poste de travail", "", "autre"),  # three subjects say so
        ("Bonjour", "wifi", "autre"),  # once in a text may be by the way
    ],
)
def test_the_subject_that_stands_out(line: str, text: str, subject: str) -> None:
    assert guess(CATALOGUE, line, text) == subject


def test_what_is_not_offered_any_more_is_not_guessed() -> None:
    retired = Catalogue(subjects=CATALOGUE.subjects, retired=frozenset({"reseau.wifi", "autre"}))
    assert guess(retired, "wifi", "") == retired.choices()[-1].subject
    with pytest.raises(LookupError):
        guess(Catalogue(), "wifi", "")
