"""The words of the service: codes that never change, with the French label that people read.

A code is what events, tables and addresses carry; a label is what pages and mails show.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Self


class Labelled(StrEnum):
    """A closed list of codes, each with its French label."""

    label: str

    def __new__(cls, code: str, label: str) -> Self:
        """Make a member that equals its code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


class Status(Labelled):
    """Where an incident stands in its life."""

    TO_HANDLE = "to_handle", "À prendre en compte"
    IN_PROGRESS = "in_progress", "En cours"
    ON_HOLD = "on_hold", "En attente"
    RESOLVED = "resolved", "Résolu, à confirmer"
    CLOSED = "closed", "Clôturé"
    CANCELLED = "cancelled", "Annulé"
    MERGED = "merged", "Regroupé"

    @property
    def is_final(self) -> bool:
        """Whether nothing more is expected from anybody."""
        return self in {Status.CLOSED, Status.CANCELLED, Status.MERGED}


class Urgency(Labelled):
    """How much the requester is held up, from least to most."""

    LOW = "low", "Faible"
    NORMAL = "normal", "Normale"
    HIGH = "high", "Élevée"
    CRITICAL = "critical", "Bloquante"


class Origin(Labelled):
    """Through which door an incident came in."""

    PORTAL = "portal", "Portail"
    PHONE = "phone", "Téléphone"
    EMAIL = "email", "Courriel"
    API = "api", "Application"


class Kind(Labelled):
    """What a subject is about: something broken, or something wanted."""

    INCIDENT = "incident", "Incident"
    REQUEST = "request", "Demande"


class Role(Labelled):
    """What a person may do; the identity provider says so in the token."""

    REQUESTER = "requester", "Demandeur"
    AGENT = "agent", "Agent"
    SUPERVISOR = "supervisor", "Responsable"
    REPORTING = "reporting", "Pilotage"
    #: Opens nothing by itself: who may read the history may then ask for it with personal texts.
    PERSONAL = "personal", "Données personnelles"


class HoldReason(Labelled):
    """What an incident on hold waits for."""

    REQUESTER = "requester", "la réponse du demandeur"
    THIRD_PARTY = "third_party", "l’intervention d’un tiers"
    DATE = "date", "la date convenue"


class KnownErrorState(Labelled):
    """Whether a known error still explains what happens."""

    OPEN = "open", "En cours"
    SOLVED = "solved", "Résolue"
    WITHDRAWN = "withdrawn", "Retirée"


class Target(Labelled):
    """What is to happen to an incident in time."""

    TAKE = "take", "prise en compte"
    RESOLVE = "resolve", "résolution"


class Stage(Labelled):
    """How far a target is used up: three quarters of it, or all."""

    NEAR = "near", "bientôt dépassée"
    MISSED = "missed", "dépassée"


class ClosedBy(Labelled):
    """Who ended an incident."""

    REQUESTER = "requester", "le demandeur"
    AGENT = "agent", "l’assistance"
    SILENCE = "silence", "l’absence de réponse"


#: What each rating of how somebody was helped is called.
RATINGS: Final[Mapping[int, str]] = {
    1: "Très insatisfait",
    2: "Insatisfait",
    3: "Mitigé",
    4: "Satisfait",
    5: "Très satisfait",
}


class ErasedFor(Labelled):
    """Why a person was forgotten."""

    REQUEST = "request", "à la demande de la personne"
    RETENTION = "retention", "au terme de la durée de conservation"


class DisabledFor(Labelled):
    """Why nothing more is sent to a webhook."""

    HAND = "hand", "à la demande d’un responsable"
    GONE = "gone", "l’adresse a répondu qu’elle n’existe plus (410)"
    FAILING = "failing", "les envois échouaient depuis trop longtemps"


class Message(Labelled):
    """The mails that CeCoIA sends; the label stands in the subject line."""

    CREATION = "creation", "Création"
    UPDATE = "update", "Mise à jour"
    REPLY = "reply", "Réponse"
    TAKEN = "taken", "Prise en compte"
    HOLD = "hold", "Votre réponse est attendue"
    RESOLUTION = "resolution", "Résolution"
    REMINDER = "reminder", "Votre confirmation est attendue"
    REFUSAL = "refusal", "Problème non résolu"
    CLOSURE = "closure", "Clôture"
    REOPENING = "reopening", "Réouverture"
    CANCELLATION = "cancellation", "Annulation"
    MERGER = "merger", "Regroupement"
    DUPLICATE = "duplicate", "Problème signalé par d’autres"
    PROGRESS = "progress", "Du nouveau"
