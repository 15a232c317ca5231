"""The rows of the exported tables; what is said of their fields is the data dictionary."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from services.query.exports.columns import told
from shared.events import incident, notification


class IncidentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table; each field is a column."""

    position: Annotated[
        str, told("Place de la création dans l’ordre du journal ; curseur pour reprendre.", incident.IncidentCreated)
    ]
    number: Annotated[str, told("Numéro de l’incident.", incident.IncidentCreated)]
    version: Annotated[int, told("Nombre d’événements de l’incident.")]
    status: Annotated[str, told("Statut actuel.", unit="code")]
    subject: Annotated[
        str,
        told(
            "Objet actuel.",
            incident.IncidentCreated,
            incident.IncidentUpdated,
            incident.IncidentTransferred,
            unit="code",
        ),
    ]
    subject_label: Annotated[str, told("Libellé actuel de cet objet.")]
    kind: Annotated[str, told("Nature de cet objet : incident ou demande.", unit="code")]
    group: Annotated[
        str | None,
        told(
            "Équipe actuelle.",
            incident.IncidentRouted,
            incident.IncidentTaken,
            incident.IncidentTransferred,
            unit="code",
        ),
    ]
    group_label: Annotated[str | None, told("Libellé actuel de cette équipe.")]
    urgency: Annotated[str, told("Urgence actuelle.", incident.IncidentCreated, incident.IncidentUpdated, unit="code")]
    origin: Annotated[str, told("Par où l’incident est arrivé.", incident.IncidentCreated, unit="code")]
    first_subject: Annotated[str, told("Objet choisi à la création.", incident.IncidentCreated, unit="code")]
    first_group: Annotated[str | None, told("Première équipe.", incident.IncidentRouted, unit="code")]
    requester: Annotated[str | None, told("Demandeur.", incident.IncidentCreated, unit="pseudonyme")]
    beneficiary: Annotated[
        str | None,
        told("Bénéficiaire, quand ce n’est pas le demandeur.", incident.IncidentCreated, unit="pseudonyme"),
    ]
    recorded_by: Annotated[str | None, told("Qui l’a enregistré.", incident.IncidentCreated, unit="pseudonyme")]
    responsible: Annotated[str | None, told("Agent qui en répond.", incident.IncidentTaken, unit="pseudonyme")]
    follows: Annotated[str | None, told("Numéro de l’incident dont il est la suite.", incident.IncidentCreated)]
    merged_into: Annotated[str | None, told("Numéro de celui où il continue.", incident.IncidentsMerged)]
    known_error: Annotated[str | None, told("Dernière erreur connue liée.", incident.KnownErrorLinked)]
    created_at: Annotated[datetime, told("Création.", incident.IncidentCreated)]
    routed_at: Annotated[datetime | None, told("Premier routage.", incident.IncidentRouted)]
    taken_at: Annotated[datetime | None, told("Première prise en compte.", incident.IncidentTaken)]
    replied_at: Annotated[datetime | None, told("Première réponse.", incident.ReplySent)]
    resolved_at: Annotated[datetime | None, told("Première résolution.", incident.IncidentResolved)]
    closed_at: Annotated[datetime | None, told("Première clôture.", incident.IncidentClosed)]
    cancelled_at: Annotated[datetime | None, told("Annulation.", incident.IncidentCancelled)]
    updated_at: Annotated[datetime, told("Dernière mise à jour visible de tous.")]
    take_minutes: Annotated[
        int | None, told("De la création à la première prise en compte, en temps ouvré.", unit="minutes")
    ]
    take_clock_minutes: Annotated[int | None, told("La même durée, en temps réel.", unit="minutes")]
    resolve_minutes: Annotated[
        int | None, told("De la création à la première résolution, en temps ouvré, attentes déduites.", unit="minutes")
    ]
    resolve_clock_minutes: Annotated[int | None, told("De la création à la première résolution.", unit="minutes")]
    held_hours: Annotated[
        float,
        told(
            "Durée totale des attentes terminées.", incident.IncidentPutOnHold, incident.IncidentResumed, unit="heures"
        ),
    ]
    holds: Annotated[int, told("Mises en attente.", incident.IncidentPutOnHold, unit="nombre")]
    transfers: Annotated[int, told("Transferts.", incident.IncidentTransferred, unit="nombre")]
    updates: Annotated[int, told("Mises à jour par le demandeur ou pour lui.", incident.IncidentUpdated, unit="nombre")]
    replies: Annotated[int, told("Réponses.", incident.ReplySent, unit="nombre")]
    documents: Annotated[int, told("Documents joints.", incident.DocumentAttached, unit="nombre")]
    resolutions: Annotated[int, told("Résolutions.", incident.IncidentResolved, unit="nombre")]
    refusals: Annotated[int, told("Résolutions refusées.", incident.ResolutionRefused, unit="nombre")]
    reopenings: Annotated[int, told("Réouvertures.", incident.IncidentReopened, unit="nombre")]
    escalations: Annotated[int, told("Délais dépassés ou près de l’être.", incident.IncidentEscalated, unit="nombre")]
    mails_sent: Annotated[
        int,
        told("Courriels envoyés.", notification.ConfirmationSent, notification.NotificationSent, unit="nombre"),
    ]
    mails_failed: Annotated[int, told("Courriels abandonnés.", notification.NotificationFailed, unit="nombre")]
    rating: Annotated[int | None, told("Dernière note de satisfaction.", incident.SatisfactionRated, unit="1 à 5")]


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table; each field is a column."""

    position: Annotated[str, told("Place de l’événement dans l’ordre du journal ; curseur pour reprendre.")]
    event: Annotated[str, told("Identifiant de l’événement.")]
    stream: Annotated[str, told("Identifiant du fil dont il fait partie : un incident, une news, le catalogue…")]
    version: Annotated[int, told("Rang de l’événement dans son fil, à partir de 1.")]
    type: Annotated[str, told("Ce qui s’est passé.", unit="code")]
    schema: Annotated[int, told("Version de la forme de `data` pour ce type.")]
    number: Annotated[str | None, told("Numéro de l’incident ou de l’erreur connue, s’il y en a un.")]
    recorded_at: Annotated[datetime, told("Quand l’événement a été enregistré.")]
    actor: Annotated[str | None, told("Qui a agi ; vide pour le service lui-même.", unit="pseudonyme")]
    data: Annotated[
        str,
        told(
            "Le contenu en JSON. Les textes personnels n’y sont pas (null) ; les personnes sont leurs pseudonymes.",
            unit="JSON",
        ),
    ]
