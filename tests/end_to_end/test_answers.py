"""A resolution is answered where it is read, and a problem that comes back opens its incident again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Visit
from tests.support.mails import await_mail
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

FORM = {"phone": "01 99 00 12 34", "availability": "Jusqu’à 17 h", "subject": "messagerie.acces", "urgency": "normal"}


def new(stack: Stack) -> str:
    """An incident of Hugo Petit that Nadia Benali has taken."""
    with stack.intake("hugo.petit") as hugo:
        sent = hugo.post("/v1/incidents", json={**FORM, "description": "Code 535."})
        number: str = sent.raise_for_status().json()["number"]
    send(stack, number, "take")
    return number


def send(stack: Stack, number: str, command: str, **body: str) -> None:
    with stack.intake("nadia.benali") as nadia:
        nadia.post(f"/v1/incidents/{number}/{command}", json=body).raise_for_status()


def status(page: Page) -> str:
    return page.locator(".head .badge").inner_text()


@pytest.mark.parametrize("scripts", [True, False])
def test_refused_confirmed_and_opened_again(stack: Stack, visit: Visit, scripts: bool) -> None:
    number = new(stack)
    send(stack, number, "resolve", text="Le compte est débloqué.")
    hugo = visit("hugo.petit", java_script_enabled=scripts)
    page = hugo.open(f"/incidents/{number}")

    page.get_by_role("link", name="Non, le problème continue").click()
    page.get_by_label("Qu’est-ce qui ne va pas encore").fill("Toujours le code 535.")
    page.get_by_role("dialog", name="Le problème continue").get_by_role("button", name="Envoyer").click()
    expect(page.locator("#avis")).to_contain_text("l’assistance reprend l’incident")
    expect(page.locator("#fil")).to_contain_text("Toujours le code 535.")
    assert status(page) == "En cours"

    send(stack, number, "resolve", text="Le mot de passe est renouvelé.")
    page = hugo.open(f"/incidents/{number}")
    page.get_by_role("button", name="Oui, c’est résolu").click()
    expect(page.locator("#avis")).to_contain_text("Merci, l’incident est clôturé")
    assert status(page) == "Clôturé"

    page.get_by_role("link", name="Rouvrir l’incident").click()
    page.get_by_label("Qu’est-ce qui est revenu").fill("Le code 535 est revenu.")
    page.get_by_role("button", name="Rouvrir l’incident").click()
    expect(page.locator("#avis")).to_contain_text("L’incident est rouvert")
    assert status(page) == "En cours"
    assert hugo.complaints == []


def test_a_resolution_is_answered_on_a_page_that_was_open_before(stack: Stack, visit: Visit) -> None:
    number = new(stack)
    page = visit("hugo.petit").open(f"/incidents/{number}")
    page.evaluate("window.neverReloaded = true")
    send(stack, number, "resolve", text="Le compte est débloqué.")
    page.get_by_role("link", name="Non, le problème continue").click()
    assert page.evaluate("window.neverReloaded") is True
    window = page.get_by_role("dialog", name="Le problème continue")
    window.get_by_label("Qu’est-ce qui ne va pas encore").press_sequentially("Toujours rien")
    expect(window.get_by_text("Brouillon enregistré à")).to_be_visible()
    window.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.locator("#fil")).to_contain_text("Toujours rien")


def test_an_agent_answers_for_the_requester_who_is_told_so(stack: Stack, visit: Visit) -> None:
    number = new(stack)
    send(stack, number, "resolve", text="Le compte est débloqué.")
    page = visit("nadia.benali").open(f"/incidents/{number}")
    page.get_by_role("link", name="Le problème continue").click()
    page.get_by_label("Ce qui ne va pas encore").fill("Par téléphone : toujours le code 535.")
    page.get_by_role("button", name="Reprendre l’incident").click()
    expect(page.locator("#avis")).to_contain_text("L’incident est repris")
    await_mail(stack.home, "hugo.petit@cecoia.example", number, "Problème non résolu")
    send(stack, number, "resolve", text="Le mot de passe est renouvelé.")
    page.reload()
    page.get_by_role("button", name="Le demandeur confirme").click()
    expect(page.locator("#avis")).to_contain_text("le demandeur l’a confirmé")
    await_mail(stack.home, "hugo.petit@cecoia.example", number, "Clôture")
    page.get_by_role("link", name="Rouvrir l’incident").click()
    page.get_by_label("Motif").fill("Par téléphone : c’est revenu.")
    page.get_by_role("button", name="Rouvrir l’incident").click()
    expect(page.locator("#avis")).to_contain_text("L’incident est rouvert")
    await_mail(stack.home, "hugo.petit@cecoia.example", number, "Réouverture")
