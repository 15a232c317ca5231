"""What an agent finds around an incident, and what only they find."""

from __future__ import annotations

import re
import time

import httpx
import pytest
from playwright.sync_api import Page, expect

from services.portal.agents.presence import LOOKS
from tests.end_to_end.conftest import PATIENCE, Visit
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
    other = page.locator("#autres-incidents").get_by_role("link").first
    address = other.get_attribute("href") or ""
    other.click()
    expect(page).to_have_url(re.compile(f"{address}$"))


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
    expect(history.locator("dd", has_text="NoteAdded, version 1").first).to_be_visible()
    assert list(violations(page)) == []
    assert narrow(page) == 0


def test_requesters_find_nothing_of_it(visit: Visit, seeded: Seeded) -> None:
    page = visit("hugo.petit").open(f"/incidents/{seeded.talked}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for trace in ("Pourquoi ici", "Autres incidents de", "IncidentCreated", 'id="brut-', "Texte type"):
        assert trace not in page.content(), trace


def test_an_answer_begins_with_a_canned_text(stack: Stack, visit: Visit) -> None:
    """Of an incident of its own: the draft stays where it was begun."""
    with stack.intake("claire.martin") as claire:
        number = _created(claire, "Les pièces jointes ne s’ouvrent plus.")
    for script in (True, False):
        page = visit("nadia.benali", java_script_enabled=script).open(f"/incidents/{number}")
        form = page.locator("#dire-reply")
        reply = page.get_by_label("Réponse à Claire Martin")
        reply.fill("D’abord merci.")
        form.get_by_label("Texte type").select_option(label="Demander des précisions")
        form.get_by_role("button", name="Insérer").click()
        expect(reply).to_have_value(re.compile(rf"^D’abord merci\.\s+Bonjour Claire Martin,.*n°\s{number}", re.DOTALL))
        expect(reply).to_have_value(re.compile("Nadia Benali, Messagerie et identité$"))


def test_only_texts_of_the_subject_or_the_team_are_offered(visit: Visit, seeded: Seeded) -> None:
    page = visit("nadia.benali").open(f"/incidents/{seeded.talked}")
    offered = page.locator("#reponse-type option").all_inner_texts()
    assert "Demander des précisions" in offered
    assert "Coupure chez l’opérateur" not in offered


def test_taking_answering_and_waiting_is_one_press(stack: Stack, visit: Visit) -> None:
    with stack.intake("hugo.petit") as hugo:
        number = _created(hugo, "Un agenda qui ne s’ouvre pas.")
    _await_group(stack, number)
    page = visit("nadia.benali", java_script_enabled=False).open(f"/files/messagerie?incident={number}")
    page.get_by_label("Réponse à Hugo Petit").fill("Depuis quel poste ?")
    page.get_by_label("Prendre en charge").check()
    page.get_by_label("Et puis").select_option("hold")
    page.get_by_role("button", name="Envoyer à Hugo Petit").click()
    expect(page.get_by_text("L’incident est à vous")).to_be_visible()
    expect(page.get_by_text("L’incident est en attente.")).to_be_visible()
    with stack.query("nadia.benali") as query:
        told = [entry["type"] for entry in query.get(f"/v1/incidents/{number}").json()["timeline"]]
    assert [kind for kind in told if kind in {"IncidentTaken", "IncidentPutOnHold", "ReplySent"}] == [
        "IncidentTaken",
        "IncidentPutOnHold",
    ]


def test_what_was_done_before_something_failed_is_said(stack: Stack, visit: Visit) -> None:
    with stack.intake("hugo.petit") as hugo:
        number = _created(hugo, "Un autre agenda.")
    _await_group(stack, number)
    page = visit("nadia.benali", java_script_enabled=False).open(f"/incidents/{number}")
    reply = page.get_by_label("Réponse à Hugo Petit")
    reply.fill("x\u0007")
    page.get_by_label("Prendre en charge").check()
    page.get_by_role("button", name="Envoyer à Hugo Petit").click()
    expect(page.get_by_text("L’incident est à vous")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Ce texte n’a pas été accepté")
    expect(page.locator("#tete")).to_contain_text("En cours")


def test_a_reply_and_a_note_cannot_be_confused(stack: Stack, visit: Visit) -> None:
    with stack.intake("hugo.petit") as hugo:
        number = _created(hugo, "Ce qui se dit à Hugo, et ce qui reste entre agents.")
    page = visit("nadia.benali").open(f"/incidents/{number}")
    reply, note = page.locator("#dire-reply"), page.locator("#dire-note")
    expect(reply.locator("summary")).to_contain_text("Répondre à Hugo Petit par courriel et dans son suivi")
    expect(note.locator("summary")).to_contain_text("le demandeur ne la voit pas")
    expect(reply.get_by_role("button", name="Envoyer à Hugo Petit")).to_be_visible()
    note.locator("summary").click()
    expect(note.get_by_role("button", name="Garder entre agents")).to_be_visible()
    look = "part => getComputedStyle(part).borderTopStyle + getComputedStyle(part).backgroundColor"
    looks = [part.evaluate(look) for part in (reply, note)]
    assert looks[0] != looks[1]
    reply.get_by_role("textbox").press_sequentially("Pour Hugo")
    note.get_by_role("textbox").press_sequentially("Pour nous")
    expect(note.get_by_text("Brouillon enregistré à")).to_be_visible()
    expect(reply.get_by_text("Brouillon enregistré à")).to_be_visible()
    note.get_by_role("button", name="Garder entre agents").click()
    expect(page.get_by_text("Votre note est gardée en interne")).to_be_visible()
    expect(page.locator("#reponse")).to_have_value("Pour Hugo")
    expect(page.locator("#note")).to_have_value("")


def test_who_else_is_there(stack: Stack, visit: Visit) -> None:
    with stack.intake("hugo.petit") as hugo:
        number = _created(hugo, "Deux agents s’y intéressent.")
    page = visit("nadia.benali").open(f"/incidents/{number}")
    here = page.locator("#presence")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    # signed in before anybody types: who wrote is forgotten after some seconds
    plain = visit("nadia.benali", java_script_enabled=False)
    sophie = visit("sophie.durand").open(f"/incidents/{number}")
    expect(here).to_contain_text("Sophie Durand regarde aussi")
    expect(sophie.locator("#presence")).to_contain_text("Nadia Benali regarde aussi")
    sophie.get_by_label("Réponse à Hugo Petit").press_sequentially("Je regarde")
    expect(here).to_contain_text("Sophie Durand écrit…")
    without = plain.open(f"/files/messagerie?incident={number}")
    expect(without.locator("#presence")).to_contain_text("Sophie Durand écrit…")
    requester = visit("hugo.petit").open(f"/incidents/{number}")
    expect(requester.get_by_role("heading", level=1)).to_be_visible()
    assert "Sophie Durand" not in requester.content()
    sophie.goto("about:blank")
    # at once as a rule; at the latest when what was last heard of the page is forgotten
    expect(here).to_be_empty(timeout=1000 * LOOKS + PATIENCE)


def _await_group(stack: Stack, number: str) -> None:
    end = time.monotonic() + 30
    with stack.query("nadia.benali") as query:
        while query.get(f"/v1/incidents/{number}").json()["group"] is None:
            assert time.monotonic() < end
            time.sleep(0.2)
