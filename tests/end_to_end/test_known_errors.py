"""An agent publishes a known error and links an incident to it; who asked for the incident reads the way round."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.end_to_end.conftest import Visit
from tests.end_to_end.test_answers import new
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

TITLE = "Calendrier partagé introuvable"


@pytest.mark.parametrize("scripts", [True, False])
def test_published_linked_and_read(stack: Stack, visit: Visit, scripts: bool) -> None:
    number = new(stack)
    title = f"{TITLE} ({scripts})"
    nadia = visit("nadia.benali", java_script_enabled=scripts)
    page = nadia.open("/erreurs-connues")
    page.get_by_role("link", name="Publier une erreur connue").click()
    page.get_by_label("Titre").fill(title)
    page.get_by_label("Objet", exact=True).select_option("messagerie.acces")
    page.get_by_label("Symptômes").fill("Le calendrier partagé du service ne paraît plus.")
    page.get_by_label("Contournement").fill("Ouvrez-le depuis le webmail.")
    page.get_by_role("button", name="Publier").click()
    expect(page.locator("#avis")).to_contain_text("L’erreur connue est publiée")
    error = page.locator("main .num").first.inner_text()

    page = nadia.open(f"/incidents/{number}")
    suggested = page.locator("#erreurs-liees li", has_text=title)
    suggested.get_by_role("button", name=f"Lier {error}").click()
    expect(page.locator("#avis")).to_contain_text("L’erreur connue est liée")

    hugo = visit("hugo.petit", java_script_enabled=scripts)
    page = hugo.open(f"/incidents/{number}")
    expect(page.locator("#erreurs")).to_contain_text("Ouvrez-le depuis le webmail.")
    expect(page.locator("#fil")).to_contain_text(f"Erreur connue n°\u00a0{error} liée par Nadia Benali")
    assert hugo.complaints == nadia.complaints == []


def test_what_resembles_is_suggested_while_it_is_typed(stack: Stack, visit: Visit) -> None:
    body = {
        "title": "Vidéoprojecteur muet en salle des conseils",
        "symptoms": "Aucun son ne sort du vidéoprojecteur, l’image est bonne.",
        "workaround": "Branchez une enceinte.",
        "subjects": ["poste.impression"],
    }
    with stack.intake("nadia.benali") as nadia:
        published = nadia.post("/v1/known-errors", json=body).raise_for_status()
    with stack.query("hugo.petit") as query:
        fresh = {"Min-Event-Position": published.headers["Event-Position"]}
        query.get("/v1/known-errors", headers=fresh).raise_for_status()
    hugo = visit("hugo.petit")
    page = hugo.open("/incidents/nouveau")
    page.get_by_label("Description").press_sequentially("Pas de son au vidéoprojecteur de la salle des conseils")
    suggestion = page.get_by_text("Vidéoprojecteur muet en salle des conseils")
    expect(suggestion).to_be_visible()
    suggestion.click()
    expect(page.get_by_text("Branchez une enceinte.")).to_be_visible()
    assert hugo.complaints == []
