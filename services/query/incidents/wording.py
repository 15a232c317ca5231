"""How the page of an incident tells each event: a heading above what was written, a French sentence for a fact."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from shared.catalogue import Catalogue
from shared.clock import PARIS
from shared.events import incident, notification
from shared.events.base import Event
from shared.events.vocabulary import RATINGS, HoldReason, Stage

#: What stands above what somebody wrote; a fact has the title of its event.
HEADINGS: Final[dict[type[Event], str]] = {
    incident.IncidentCreated: "Description",
    incident.IncidentUpdated: "Complément",
    incident.ReplySent: "Réponse",
    incident.NoteAdded: "Note interne",
    incident.IncidentPutOnHold: "Question",
    incident.IncidentResolved: "Résolution",
    incident.ResolutionRefused: "Le problème continue",
    incident.IncidentReopened: "Réouverture",
    incident.SatisfactionRated: "Avis",
}

#: What somebody wrote, for the events that are messages; None where this one is only a fact.
MESSAGES: Final[dict[type[Event], Callable[[Any], str | None]]] = {
    incident.IncidentCreated: lambda event: event.description,
    incident.IncidentUpdated: lambda event: event.text,
    incident.ReplySent: lambda event: event.text,
    incident.NoteAdded: lambda event: event.text,
    incident.IncidentPutOnHold: lambda event: event.text if event.reason is HoldReason.REQUESTER else None,
    incident.IncidentResolved: lambda event: event.text,
    incident.ResolutionRefused: lambda event: event.reason,
    incident.IncidentReopened: lambda event: event.reason,
    incident.SatisfactionRated: lambda event: event.text,
}


def _changes(event: incident.IncidentUpdated, known: Catalogue) -> str:
    """The changed fields of an update; empty where it is text alone."""
    changed = [
        f"urgence : {event.urgency.label.lower()}" if event.urgency else "",
        f"objet : {known.label(event.subject)}" if event.subject else "",
        "téléphone modifié" if event.phone is not None else "",
        "disponibilité modifiée" if event.availability is not None else "",
    ]
    sentence = ", ".join(filter(None, changed))
    return sentence[:1].upper() + sentence[1:]


def _with_reason(sentence: str, reason: str | None) -> str:
    return f"{sentence} : {reason}" if reason else sentence


def _transfer(event: incident.IncidentTransferred, known: Catalogue) -> str:
    groups = f"de {known.group_label(event.from_group)} à {known.group_label(event.group)}"
    changed = f", objet « {known.label(event.subject)} »" if event.subject else ""
    return _with_reason(f"Transféré par {event.by.name} {groups}{changed}", event.text)


def _hold(event: incident.IncidentPutOnHold, _: Catalogue) -> str:
    date = f" jusqu’au {_moment(event.until)}" if event.until else ""
    sentence = f"En attente{date}" if event.reason is HoldReason.DATE else f"En attente de {event.reason.label}{date}"
    return sentence if event.reason is HoldReason.REQUESTER else _with_reason(sentence, event.text)


def _escalation(event: incident.IncidentEscalated, known: Catalogue) -> str:
    end = "s’achève" if event.stage is Stage.NEAR else "est dépassé depuis"
    group = known.group_label(event.group)
    return f"Le délai de {event.target.label} {end} le {_exact(event.due_at)}, signalé à {group}"


def _exact(instant: datetime) -> str:
    return f"{instant.astimezone(PARIS):%d/%m/%Y à %H:%M}"


def _moment(instant: datetime) -> str:
    """The day in Paris, with the hour where that is not its beginning."""
    local = instant.astimezone(PARIS)
    return f"{local:%d/%m/%Y}" if (local.hour, local.minute) == (0, 0) else f"{local:%d/%m/%Y %H:%M}"


def _duplicates(event: incident.DuplicatesAdded, _: Catalogue) -> str:
    """Without their numbers: they may be those of people whom the reader does not know."""
    many = len(event.duplicates)
    return "Un autre incident est regroupé ici" if many == 1 else f"{many} autres incidents sont regroupés ici"


#: The sentence of each event of an incident that is told as a fact.
FACTS: Final[dict[type[Event], Callable[[Any, Catalogue], str]]] = {
    incident.IncidentUpdated: _changes,
    incident.DocumentAttached: lambda event, _: f"Document ajouté : {event.filename}",
    incident.IncidentRouted: lambda event, known: f"Transmis à {known.group_label(event.group)}",
    incident.IncidentTaken: lambda event, _: f"Pris en compte par {event.by.name}",
    incident.IncidentReleased: lambda event, known: (
        f"Remis en attente par {event.by.name}, {known.group_label(event.group)}"
    ),
    incident.IncidentTransferred: _transfer,
    incident.IncidentPutOnHold: _hold,
    incident.IncidentResumed: lambda event, _: f"Repris par {event.by.name}" if event.by else "Repris à la date prévue",
    incident.KnownErrorLinked: lambda event, _: f"Erreur connue n° {event.known_error} liée par {event.by.name}",
    incident.IncidentClosed: lambda event, _: _with_reason(f"Clôturé par {event.closed_by.label}", event.reason),
    incident.IncidentCancelled: lambda event, _: _with_reason(f"Annulé par {event.by.name}", event.reason),
    incident.IncidentsMerged: lambda event, _: f"Regroupé par {event.by.name} avec un autre incident",
    incident.DuplicatesAdded: _duplicates,
    incident.IncidentEscalated: _escalation,
    incident.SatisfactionRated: lambda event, _: (
        f"Avis de {event.by.name} : {RATINGS[event.rating].lower()} ({event.rating} sur 5)"
    ),
    notification.ConfirmationSent: lambda event, _: f"Accusé de réception envoyé à {event.to.email or event.to.name}",
    notification.NotificationFailed: lambda event, _: (
        f"Courriel « {event.message.label} » non remis à {event.to.email or event.to.name}"
    ),
    notification.NotificationBounced: lambda event, _: _with_reason(
        f"Courriel « {event.message.label} » revenu sans avoir atteint {event.to.email or event.to.name}",
        event.error,
    ),
}

#: Events that the requester's side does not see at all.
INTERNAL: Final[frozenset[type[Event]]] = frozenset(
    {incident.NoteAdded, incident.IncidentEscalated, notification.NotificationFailed, notification.NotificationBounced}
)

#: Fields of other events that the requester's side does not see.
INTERNAL_FIELDS: Final = frozenset({"rule", "message_id", "cause", "attempts", "into", "duplicates", "follows"})

#: Events that the history lists and the page of the incident leaves out: mails tell of other events, either way.
UNTOLD: Final[frozenset[type[Event]]] = frozenset({notification.NotificationSent, incident.MailReceived})
