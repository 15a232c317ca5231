"""Given a catalogue, when an incident has this subject, then that group answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.catalogue import Catalogue, parse_toml
from shared.events.catalogue import SubjectRetired
from shared.routing import NoRoute, route

CATALOGUE = Catalogue.of(parse_toml((Path(__file__).parents[3] / "deploy" / "catalogue.toml").read_text("utf-8")))


def test_the_subject_names_the_group() -> None:
    chosen = route("reseau.panne", CATALOGUE)
    assert (chosen.group, chosen.rule) == ("reseau", "subject:reseau.panne")
    assert chosen.why == (
        "L’objet «\u00a0Réseau\u00a0: coupure internet de l’établissement\u00a0» "
        "est suivi par le groupe «\u00a0Réseau et internet\u00a0»."
    )


def test_a_retired_subject_is_still_routed() -> None:
    retired = CATALOGUE.evolve(SubjectRetired(subject="reseau.panne"))
    assert route("reseau.panne", retired).group == "reseau"


def test_what_nobody_knows_goes_to_the_front_desk() -> None:
    chosen = route("minitel", CATALOGUE)
    assert (chosen.group, chosen.rule) == ("accueil", "fallback")


def test_an_empty_catalogue_routes_nothing() -> None:
    with pytest.raises(NoRoute):
        route("autre", Catalogue())


def test_every_subject_has_a_group_that_exists() -> None:
    assert {route(subject, CATALOGUE).group for subject in CATALOGUE.subjects} <= set(CATALOGUE.groups)
