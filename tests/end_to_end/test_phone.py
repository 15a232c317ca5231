"""An agent records a call: one screen, the keyboard alone, and few keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Visit
from tests.support.axe import violations
from tests.support.seeding import Seeded
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

#: Keys that lead from field to field, beside what is typed into them.
STEPS = 10
#: Seconds for a call, with somebody who types thirty letters in ten seconds.
MINUTE = 60
SAYS = "Les courriels partent, mais les réponses n’arrivent plus."


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.steps, self.letters = page, 0, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.steps += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.letters += len(text)


def recorded(page: Page) -> str:
    """The number that is read aloud."""
    expect(page.get_by_text("L’appel est enregistré, dictez le numéro")).to_be_visible()
    return page.locator(".hero b").inner_text()


def test_a_call_with_the_keyboard_alone(stack: Stack, visit: Visit, seeded: Seeded) -> None:
    page = visit("nadia.benali").open("/files")
    keys = Keys(page)
    keys.press("Alt+Shift+A")
    expect(page.get_by_label("Qui appelle")).to_be_focused()
    keys.type("hug")
    keys.press("Enter")
    expect(page.get_by_role("combobox", name="Objet")).to_be_focused()
    expect(page.get_by_text("Hugo Petit", exact=True)).to_be_visible()
    keys.type("mm")
    keys.press("Tab")
    keys.type(SAYS)
    keys.press("Tab")
    keys.press("ArrowDown", "Tab", "Tab", "Tab", "Tab")
    expect(page.get_by_role("button", name="Enregistrer l’appel")).to_be_focused()
    keys.press("Enter")
    number = recorded(page)
    assert keys.steps <= STEPS
    assert keys.steps + keys.letters / 3 <= MINUTE
    with stack.query("hugo.petit") as query:
        incident = query.get(f"/v1/incidents/{number}").raise_for_status().json()
    assert (incident["requester"]["name"], incident["recorded_by"]["name"]) == ("Hugo Petit", "Nadia Benali")
    assert (incident["origin"], incident["subject"], incident["urgency"]) == ("phone", "messagerie.envoi", "high")
    assert (incident["phone"], incident["description"]) == ("+33199001234", SAYS)


def test_people_show_while_one_types(visit: Visit, seeded: Seeded) -> None:
    page = visit("nadia.benali").open("/appels/nouveau")
    page.get_by_label("Qui appelle").press_sequentially("pet")
    expect(page.get_by_role("button", name="Choisir Hugo Petit")).to_be_visible()
    assert list(violations(page)) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Changer d’appelant")).to_be_visible()
    expect(page.get_by_label("Téléphone pour rappeler")).to_have_value(re.compile("01.99.00.12.34"))


def test_a_new_caller_whose_problem_is_solved_at_once(stack: Stack, visit: Visit) -> None:
    page = visit("nadia.benali", java_script_enabled=False).open("/appels/nouveau")
    page.get_by_label("Qui appelle").fill("Amélie Nouvelle")
    page.get_by_label("Qui appelle").press("Enter")
    expect(page.get_by_text("Personne n’est connu sous ce nom")).to_be_visible()
    page.get_by_label("Son nom").fill("Amélie Nouvelle")
    page.get_by_label("Son courriel").first.fill("amelie")
    page.get_by_label("Objet").select_option("messagerie.acces")
    page.get_by_label("Ce que dit l’appelant").fill("Mot de passe oublié.")
    page.get_by_label("Téléphone pour rappeler").fill("01 99 00 45 67")
    page.get_by_label("Disponibilité").fill("Maintenant")
    page.get_by_role("button", name="Enregistrer l’appel").click()
    expect(page.get_by_role("alert")).to_contain_text("Courriel de l’appelant")
    page.get_by_label("Son courriel").first.fill("amelie.nouvelle@cecoia.example")
    page.get_by_role("button", name="Enregistrer l’appel").click()
    number = recorded(page)
    page.get_by_label("Ce qui a réglé le problème").fill("Mot de passe renouvelé au téléphone.")
    page.get_by_role("button", name="Prendre et résoudre tout de suite").click()
    expect(page.get_by_text("L’incident est à vous")).to_be_visible()
    expect(page.get_by_text("L’incident est résolu")).to_be_visible()
    assert page.url.split("?")[0].endswith(f"/incidents/{number}")


def test_a_call_for_somebody_else(stack: Stack, visit: Visit) -> None:
    page = visit("nadia.benali", java_script_enabled=False).open("/appels/nouveau")
    page.get_by_label("Qui appelle").fill("Paul Adjoint")
    page.get_by_label("Qui appelle").press("Enter")
    page.get_by_label("Son nom").fill("Paul Adjoint")
    page.get_by_label("Son courriel").first.fill("paul.adjoint@cecoia.example")
    page.get_by_label("Objet").select_option("messagerie.acces")
    page.get_by_label("Ce que dit l’appelant").fill("Elle ne peut plus se connecter.")
    page.get_by_text("L’incident concerne quelqu’un d’autre").click()
    page.get_by_label("Nom du bénéficiaire").fill("Inès Roux")
    page.locator("[name=beneficiary_email]").fill("ines.roux@cecoia.example")
    page.get_by_label("Téléphone pour rappeler").fill("01 99 00 45 67")
    page.get_by_label("Disponibilité").fill("Maintenant")
    page.get_by_role("button", name="Enregistrer l’appel").click()
    number = recorded(page)
    with stack.query("nadia.benali") as query:
        incident = query.get(f"/v1/incidents/{number}").raise_for_status().json()
    assert (incident["requester"]["name"], incident["beneficiary"]["name"]) == ("Paul Adjoint", "Inès Roux")
    assert incident["origin"] == "phone"


def test_who_calls_again_completes_what_is_open(visit: Visit, seeded: Seeded) -> None:
    page = visit("nadia.benali").open("/appels/nouveau")
    page.get_by_label("Qui appelle").fill("hugo.petit@")
    page.get_by_label("Qui appelle").press("Enter")
    page.get_by_label("Ce que dit l’appelant").fill("Il rappelle : toujours rien.")
    expect(page.locator("#en-cours")).to_contain_text("Appelle-t-on pour")
    assert list(violations(page)) == []
    button = page.locator("#en-cours").get_by_role("button").first
    number = button.get_attribute("value")
    button.click()
    expect(page.get_by_label("Éléments complémentaires")).to_have_value("Il rappelle : toujours rien.")
    expect(page).to_have_url(re.compile(f"/incidents/{number}#"))


def test_an_unfinished_call_is_found_again(visit: Visit) -> None:
    nadia = visit("nadia.benali")
    page = nadia.open("/appels/nouveau")
    page.get_by_label("Ce que dit l’appelant").press_sequentially("À moitié dit")
    expect(page.get_by_text("Brouillon enregistré à")).to_be_visible()
    page = nadia.open("/appels/nouveau")
    page.get_by_role("link", name="Reprendre cet appel").click()
    expect(page.get_by_label("Ce que dit l’appelant")).to_have_value("À moitié dit")
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_requesters_cannot_look_people_up(visit: Visit) -> None:
    claire = visit("claire.martin")
    for path in ("/appels/nouveau", "/appels/personnes?requester=hug", "/appels/1000101_0001"):
        assert claire.status(path) == 403, path
