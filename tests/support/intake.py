"""What intake is given in a test: a catalogue, a form, and somebody who signs tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.support.identity import IdentityProvider, serving

CATALOGUE: Final = """
[calendar.standard]
timezone = "Europe/Paris"
open = { mon = "08:00-18:00" }
[group.messagerie]
label = "Messagerie et identité"
mail = "messagerie@cecoia.example"
calendar = "standard"
[group.reseau]
label = "Réseau"
mail = "reseau@cecoia.example"
calendar = "standard"
[targets]
take = { low = 960, normal = 480, high = 120, critical = 60 }
resolve = { low = 4800, normal = 2400, high = 960, critical = 480 }
[subject."messagerie.acces"]
label = "Messagerie : connexion impossible"
kind = "incident"
group = "messagerie"
[subject."messagerie.envoi"]
label = "Messagerie : envoi ou réception"
kind = "incident"
group = "messagerie"
"""

FORM: Final = {
    "phone": "01 44 55 66 77",
    "subject": "messagerie.acces",
    "availability": "Le matin",
    "urgency": "high",
    "description": "Je ne peux plus me connecter.",
}

KNOWN_ERROR: Final = {
    "title": "Envoi de courriels refusé, code 535",
    "symptoms": "Le message revient aussitôt avec le code 535.",
    "workaround": "Envoyez depuis le webmail.",
    "subjects": ["messagerie.envoi", "messagerie.acces"],
}

NEWS: Final = {
    "title": "Coupure du réseau",
    "text": "Le lycée est coupé depuis 8 h.",
    "subjects": ["messagerie.envoi"],
}


@pytest.fixture(scope="session", name="provider")
def one_provider() -> Iterator[IdentityProvider]:
    """For all tests of a process."""
    with serving() as running:
        yield running
