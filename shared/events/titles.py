"""What each event is called where events are listed: one name for all pages, histories and feeds."""

from typing import Final

from shared.events import catalogue, incident, knowledge, notification, person, webhook
from shared.events.base import Event
from shared.events.registry import type_and_schema

TITLES: Final[dict[type[Event], str]] = {
    incident.IncidentCreated: "Incident créé",
    incident.IncidentUpdated: "Incident mis à jour",
    incident.DocumentAttached: "Document joint",
    incident.IncidentRouted: "Transmis à une équipe",
    incident.IncidentTaken: "Pris en compte",
    incident.IncidentReleased: "Rendu à l’équipe",
    incident.IncidentTransferred: "Transféré",
    incident.ReplySent: "Réponse envoyée",
    incident.NoteAdded: "Note interne ajoutée",
    incident.IncidentPutOnHold: "Mis en attente",
    incident.IncidentResumed: "Repris",
    incident.KnownErrorLinked: "Erreur connue liée",
    incident.IncidentResolved: "Résolu",
    incident.ResolutionRefused: "Résolution refusée",
    incident.IncidentClosed: "Clôturé",
    incident.IncidentCancelled: "Annulé",
    incident.IncidentReopened: "Rouvert",
    incident.SatisfactionRated: "Avis donné",
    incident.MailReceived: "Courriel reçu",
    incident.IncidentsMerged: "Regroupé",
    incident.DuplicatesAdded: "Incident regroupé ici",
    incident.IncidentEscalated: "Délai signalé",
    notification.ConfirmationSent: "Accusé de réception envoyé",
    notification.NotificationSent: "Courriel envoyé",
    notification.NotificationFailed: "Courriel non remis",
    notification.NotificationBounced: "Courriel revenu",
    catalogue.CatalogueChanged: "Catalogue modifié",
    catalogue.CalendarDefined: "Calendrier défini",
    catalogue.GroupDefined: "Équipe définie",
    catalogue.SubjectDefined: "Objet défini",
    catalogue.SubjectRetired: "Objet retiré",
    catalogue.CannedTextDefined: "Texte type défini",
    catalogue.CannedTextRetired: "Texte type retiré",
    knowledge.KnownErrorPublished: "Erreur connue publiée",
    knowledge.KnownErrorRetired: "Erreur connue retirée",
    knowledge.NewsPublished: "News publiée",
    knowledge.NewsWithdrawn: "News retirée",
    knowledge.NewsFollowed: "News suivie",
    knowledge.FollowerTold: "Fin de la news annoncée par courriel",
    person.PersonErased: "Personne effacée",
    webhook.WebhookRegistered: "Webhook inscrit",
    webhook.WebhookTested: "Webhook mis à l’essai",
    webhook.WebhookDisabled: "Webhook désactivé",
    webhook.WebhookEnabled: "Webhook réactivé",
    webhook.WebhookRemoved: "Webhook supprimé",
}

#: The same by the name that stands in the journal, e.g. `IncidentCreated`.
BY_NAME: Final = {type_and_schema(event)[0]: title for event, title in TITLES.items()}
