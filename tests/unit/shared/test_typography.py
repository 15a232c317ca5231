import pytest

from shared.typography import NBSP, THIN, french


@pytest.mark.parametrize(
    ("written", "set_"),
    [
        ("Réseau : lenteurs", f"Réseau{NBSP}: lenteurs"),
        ("Pas d'internet ? Appelez !", f"Pas d’internet{THIN}? Appelez{THIN}!"),
        ("un ; deux", f"un{THIN}; deux"),
        ("affiche « Échec » ici", f"affiche «{NBSP}Échec{NBSP}» ici"),
        ("« Échec (code 535) »", f"«{NBSP}Échec (code 535){NBSP}»"),
        ("L'incident n° 12", f"L’incident n°{NBSP}12"),
        ("à 10:49:49 sur http://x.fr", "à 10:49:49 sur http://x.fr"),
    ],
)
def test_words_of_ours_are_set_in_french(written: str, set_: str) -> None:
    assert french(written) == set_
    assert french(set_) == set_
