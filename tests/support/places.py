"""Every page there is, with who may see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from playwright.sync_api import Page

from tests.support.seeding import Seeded
from tests.support.visitor import Visitor


class Place(NamedTuple):
    """A page: a name for files and messages, who looks (None: nobody signed in), where, and a button to press there."""

    name: str
    who: str | None
    path: str
    press: str = ""

    def open(self, visitor: Visitor) -> Page:
        """Go there."""
        page = visitor.open(self.path)
        if self.press:
            with page.expect_navigation():
                page.get_by_role("button", name=self.press, exact=True).last.click()
        return page


def places(seeded: Seeded) -> Iterator[Place]:
    """All pages, those of requesters first."""
    yield Place("connexion", None, "/connexion")
    yield Place("identite", None, "/connexion/aller?retour=/")
    yield Place("creer-erreurs", "hugo.petit", "/incidents/nouveau", "Envoyer")
    for name, path in {
        "accueil": "/",
        "suivi": "/incidents",
        "suivi-filtre": "/incidents?q=courriels",
        "suivi-rien": "/incidents?q=introuvable",
        "creer": "/incidents/nouveau",
        "incident": f"/incidents/{seeded.talked}",
        "incident-resolu": f"/incidents/{seeded.resolved}",
        "incident-continue": f"/incidents/{seeded.resolved}#continue",
        "incident-clos": f"/incidents/{seeded.closed}",
        "incident-rouvrir": f"/incidents/{seeded.closed}#rouvrir",
        "incident-maj": f"/incidents/{seeded.talked}#maj",
        "incident-regroupe": f"/incidents/{seeded.merged}",
        "parcours": f"/incidents/{seeded.talked}/parcours",
        "incident-annule": f"/incidents/{seeded.cancelled}",
        "creer-suite": f"/incidents/nouveau?suite={seeded.cancelled}",
        "confirmation": f"/incidents/{seeded.waiting}/confirmation",
        "creer-proche": "/incidents/nouveau?objet=messagerie.envoi",
        "incident-erreurs": f"/incidents/{seeded.talked}#erreurs",
        "erreurs-connues": "/erreurs-connues",
        "erreur-connue": f"/erreurs-connues/{seeded.error}",
        "news": "/news",
        "une-news": f"/news/{seeded.news}",
        "preferences": "/preferences",
        "aide": "/aide",
        "accessibilite": "/accessibilite",
        "donnees": "/donnees",
        "plan": "/plan",
        "introuvable": "/incidents/1000101_0001",
    }.items():
        yield Place(name, "hugo.petit", path)
    for name, path in {
        "agent-accueil": "/",
        "files": "/files",
        "file": f"/files/messagerie?incident={seeded.talked}",
        "file-filtree": "/files/toutes?status=in_progress&q=courriels",
        "file-touches": f"/files/messagerie?incident={seeded.talked}#touches",
        "file-vide": "/files/accueil",
        "file-alors": "/files/messagerie/alors",
        "file-alors-filtree": "/files/toutes/alors?status=in_progress&sort=-recorded_at",
        "file-alors-erreur": "/files/messagerie/alors?jour=2999-01-01&heure=08:00",
        "agent-incident": f"/incidents/{seeded.talked}",
        "agent-parcours": f"/incidents/{seeded.talked}/parcours?etape=5",
        "agent-resoudre": f"/incidents/{seeded.talked}#resoudre",
        "agent-reprendre": f"/incidents/{seeded.resolved}#refuser",
        "agent-rouvrir": f"/incidents/{seeded.closed}#rouvrir-agent",
        "agent-erreurs": "/erreurs-connues?etat=all",
        "agent-publier-erreur": "/erreurs-connues/nouvelle",
        "agent-retirer-erreur": f"/erreurs-connues/{seeded.error}#retirer",
        "agent-publier-news": "/news/nouvelle",
        "agent-retirer-news": f"/news/{seeded.news}#retirer",
        "agent-lier": f"/incidents/{seeded.talked}#erreurs",
        "agent-transferer": f"/incidents/{seeded.talked}#transferer",
        "agent-attente": f"/incidents/{seeded.talked}#attente",
        "agent-regrouper": f"/incidents/{seeded.talked}#regrouper",
        "appel": "/appels/nouveau",
        "appel-enregistre": f"/appels/{seeded.waiting}",
        "agent-regroupe": f"/incidents/{seeded.merged}",
        "agent-change": f"/incidents/{seeded.resolved}?avis=change&depuis=0&geste=note",
    }.items():
        yield Place(name, "nadia.benali", path)
    for name, path in {
        "rapports": "/rapports",
        "volumes": "/rapports/volumes",
        "volumes-equipe": "/rapports/volumes?by=week,group&period=school-year&compare=year",
        "volumes-detail": "/rapports/volumes/detail?by=group&column=created&cell.group=messagerie",
        "charge": "/rapports/backlog",
        "delais": "/rapports/times?urgency=high&at=2099-01-01T08:00",
        "rythme": "/rapports/rhythm?period=month",
        "evenements": "/rapports/evenements?type=IncidentCreated",
        "donnees-a-emporter": "/rapports/donnees",
        "donnees-erreurs": "/rapports/donnees/events?form=parquet&after=x",
        "webhooks": "/webhooks",
        "catalogue": "/catalogue",
        "catalogue-objet": "/catalogue/objets/reseau.wifi",
        "catalogue-equipe": "/catalogue/equipes/reseau",
        "catalogue-calendrier": "/catalogue/calendriers/standard",
        "catalogue-texte": "/catalogue/textes/motdepasse",
        "catalogue-historique": "/catalogue/historique",
        "catalogue-fichier": "/catalogue/fichier",
    }.items():
        yield Place(name, "sophie.durand", path)
    yield Place("catalogue-erreurs", "sophie.durand", "/catalogue/objets", "Enregistrer")
    yield Place("webhooks-erreurs", "sophie.durand", "/webhooks", "Inscrire")
