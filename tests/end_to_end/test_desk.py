"""What an agent finds around an incident, and what only they find."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Visit
from tests.support.axe import violations
from tests.support.seeding import Seeded
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def open_all(page: Page) -> None:
    """Open every part that can be opened."""
    page.evaluate("for (const part of document.querySelectorAll('main details')) part.open = true")


def narrow(page: Page) -> int:
    """By how many pixels the page can be scrolled sideways on a telephone."""
    page.set_viewport_size({"width": 360, "height": 800})
    more: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return more


def test_around_an_incident(visit: Visit, seeded: Seeded) -> None:
    page = visit("nadia.benali", java_script_enabled=False).open(f"/files/messagerie?incident={seeded.waiting}")
    around = page.locator("#incident")
    around.get_by_text("Pourquoi ici").click()
    expect(around.get_by_text("est suivi par le groupe « Messagerie et identité »")).to_be_visible()
    around.get_by_text("Autres incidents de Hugo Petit").click()
    expect(around.locator("#autres-incidents").get_by_role("link").first).to_be_visible()
    page = visit("nadia.benali").open(f"/incidents/{seeded.waiting}")
    page.get_by_text("Autres incidents de Hugo Petit").click()
    page.locator(f"#autres-incidents a[href='/incidents/{seeded.talked}']").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("envoi ou réception")


def test_what_helped_others_is_suggested(stack: Stack, visit: Visit) -> None:
    with stack.intake("claire.martin") as claire, stack.intake("nadia.benali") as nadia:
        old = _created(claire, "L’agenda partagé du collège a disparu de Thunderbird.")
        nadia.post(f"/v1/incidents/{old}/resolve", json={"text": "Réabonnez-vous à l’agenda."}).raise_for_status()
        number = _created(claire, "Agenda partagé introuvable dans Thunderbird depuis lundi.")
    page = visit("nadia.benali").open(f"/incidents/{number}")
    page.get_by_text("Semblables et résolus").click()
    expect(page.locator("#semblables")).to_contain_text("Réabonnez-vous à l’agenda.")


def _created(intake: httpx.Client, description: str) -> str:
    body = {"phone": "01 99 00 12 34", "availability": "Le matin", "subject": "messagerie.envoi", "urgency": "low"}
    number: str = intake.post("/v1/incidents", json={**body, "description": description}).json()["number"]
    return number


def test_every_line_of_the_history_has_its_event(visit: Visit, seeded: Seeded) -> None:
    page = visit("nadia.benali").open(f"/incidents/{seeded.talked}")
    open_all(page)
    history = page.locator("#historique-lignes")
    expect(history.locator("pre").first).to_contain_text('"description": "Les courriels aux familles reviennent')
    expect(history.get_by_text("Le serveur sortant a changé de nom lundi.")).to_be_visible()
    expect(history.locator("dd", has_text="NoteAdded, version 1")).to_be_visible()
    assert list(violations(page)) == []
    assert narrow(page) == 0


def test_requesters_find_nothing_of_it(visit: Visit, seeded: Seeded) -> None:
    page = visit("hugo.petit").open(f"/incidents/{seeded.talked}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for trace in ("Pourquoi ici", "Autres incidents de", "IncidentCreated", 'id="brut-', "Texte type"):
        assert trace not in page.content(), trace
