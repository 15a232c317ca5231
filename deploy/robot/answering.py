"""What the program does about an incident in its hands: a pure function, the part to write for other subjects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

#: The subjects that it answers, and what it tells those who ask.
ANSWERS: Final[Mapping[str, str]] = {
    "poste.logiciel": (
        "Bonjour,\n\n"
        "Les logiciels autorisés s’installent depuis le «\u00a0Centre logiciel\u00a0» de votre poste, sans mot de "
        "passe d’administration\u00a0: menu Démarrer, Centre logiciel, choisissez le logiciel, puis Installer. "
        "L’installation se termine au redémarrage.\n\n"
        "Si le logiciel n’y figure pas, répondez que le problème continue\u00a0: un agent prendra la suite."
    ),
}
RESOLUTION: Final = "Réponse automatique\u00a0: installation possible par vous-même depuis le Centre logiciel."

#: What it leaves to people: whoever is stopped in their work waits for somebody.
_TO_PEOPLE: Final = "critical"
#: Events that put an incident into somebody's hands; the last one begins the present turn.
_HANDED: Final = frozenset({"IncidentTaken", "ResolutionRefused", "IncidentReopened"})

#: The name of a command, and its body.
Command = tuple[str, dict[str, str]]


class Incident(NamedTuple):
    """What is read of an incident.

    Attributes:
        documents: how many there are.
        turn: position of the event that put it into the program's hands.
        is_back: whether that was not the taking: an answer of the program did not help.
    """

    number: str
    subject: str
    urgency: str
    documents: int
    turn: str
    is_back: bool

    @classmethod
    def read(cls, detail: Mapping[str, Any], history: Mapping[str, Any]) -> Incident:
        """The incident in two answers of the read side."""
        handed = [item for item in history["items"] if item["type"] in _HANDED][-1]
        return cls(
            number=detail["number"],
            subject=detail["subject"],
            urgency=detail["urgency"],
            documents=len(detail["documents"]),
            turn=handed["position"],
            is_back=handed["type"] != "IncidentTaken",
        )


def wants(subject: str, urgency: str) -> bool:
    """Whether to take an incident that is offered."""
    return subject in ANSWERS and urgency != _TO_PEOPLE


def commands(incident: Incident) -> list[Command]:
    """What to send, in order: an answer and the resolution, or a note for people and the release."""
    if obstacle := _obstacle(incident):
        return [("note", {"text": f"Rendu par le robot\u00a0: {obstacle}"}), ("release", {})]
    return [("reply", {"text": ANSWERS[incident.subject]}), ("resolve", {"text": RESOLUTION})]


def _obstacle(incident: Incident) -> str | None:
    """Why people should go on; None where the program can answer."""
    if incident.is_back:
        return "sa réponse automatique n’a pas suffi."
    if not wants(incident.subject, incident.urgency):
        return "il ne traite pas cet objet, ou pas à cette urgence."
    if incident.documents:
        return "des documents sont joints, qu’il ne sait pas lire."
    return None
