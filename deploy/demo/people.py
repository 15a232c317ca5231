"""The people and programs of the demo. Everybody's password, and every program's secret, is `demo`."""

from __future__ import annotations

import hmac
from typing import NamedTuple

PASSWORD = "demo"  # noqa: S105 - told to everybody
#: Where their mail addresses are.
DOMAIN = "cecoia.example"


class Subject(NamedTuple):
    """Somebody, or a program, that tokens are made for; `says` tells people what they can try with it."""

    sub: str
    name: str
    email: str | None
    roles: tuple[str, ...]
    groups: tuple[str, ...] = ()
    says: str = ""


PEOPLE = {
    person.sub: person
    for person in (
        Subject("claire.martin", "Claire Martin", "claire.martin@cecoia.example", ("requester",), (), "demandeuse"),
        Subject("hugo.petit", "Hugo Petit", "hugo.petit@cecoia.example", ("requester",), (), "demandeur"),
        Subject(
            "nadia.benali",
            "Nadia Benali",
            "nadia.benali@cecoia.example",
            ("agent",),
            ("messagerie", "accueil"),
            "agent, messagerie et accueil",
        ),
        Subject("lucas.morel", "Lucas Morel", "lucas.morel@cecoia.example", ("agent",), ("reseau",), "agent, réseau"),
        Subject(
            "sophie.durand",
            "Sophie Durand",
            "sophie.durand@cecoia.example",
            ("supervisor", "reporting"),
            (),
            "responsable, pilotage",
        ),
    )
}

PROGRAMS = {
    program.sub: program
    for program in (
        Subject("robot-postes", "Robot des postes de travail", None, ("agent",), ("postes",)),
        Subject("entrepot", "Entrepôt de données", None, ("reporting",)),
    )
}


def find(subjects: dict[str, Subject], name: str, secret: str) -> Subject | None:
    """Who has this name, in lower case, and secret; None where either is wrong."""
    right = hmac.compare_digest(secret.encode(), PASSWORD.encode())
    return subjects.get(name) if right else None
