"""The form keeps what people type and sends it once, with a script or without, by mouse or by keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Visit
from tests.end_to_end.form import DESCRIPTION, confirmed, fill, loose, send
from tests.support.seeding import Seeded
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

FORM = "/incidents/nouveau"


def numbers_of(stack: Stack, username: str, description: str) -> list[str]:
    """The incidents of a person with this description."""
    with stack.query(username) as query:
        items = query.get("/v1/incidents", params={"limit": 100}).raise_for_status().json()["items"]
    return [item["number"] for item in items if item["excerpt"].startswith(description[:40])]


def test_without_a_script_everything_works(stack: Stack, visit: Visit, screenshot: Path) -> None:
    claire = visit("claire.martin", java_script_enabled=False)
    page = claire.open(FORM)
    fill(page, "reseau.wifi", "Sans script, le Wi-Fi de la salle B12.")
    page.locator("input[type=file]").first.set_input_files(screenshot)
    send(page)
    number = confirmed(page)
    page = claire.open(f"/incidents/{number}")
    expect(page.get_by_role("link", name="capture-code-535.png").first).to_be_visible()
    page.get_by_role("link", name="Mise à jour de l’incident").click()
    window = page.locator("dialog#maj")
    expect(window).to_be_visible()
    window.get_by_role("textbox").first.fill("Toujours pas de Wi-Fi.")
    window.get_by_role("button", name="Envoyer", exact=True).last.click()
    expect(page.get_by_text("Toujours pas de Wi-Fi.").first).to_be_visible()


def test_errors_are_said_together_and_the_document_stays(visit: Visit, screenshot: Path) -> None:
    page = visit("claire.martin").open(FORM)
    page.get_by_label("Téléphone", exact=True).fill("12")
    page.locator("input[type=file]").first.set_input_files(screenshot)
    expect(page.get_by_role("button", name="Retirer capture-code-535.png")).to_be_visible()
    send(page)
    summary = page.get_by_role("alert")
    expect(summary.get_by_role("link")).to_have_count(4)  # subject, phone, availability, description
    expect(page).to_have_title(re.compile("^Erreur"))
    expect(page.get_by_label("Téléphone", exact=True)).to_have_value("12")
    expect(page.get_by_role("button", name="Retirer capture-code-535.png")).to_be_visible()


def test_texts_that_are_too_long_come_back_without_a_script(visit: Visit) -> None:
    page = visit("claire.martin", java_script_enabled=False).open(FORM)
    description, phone = "Trop long. " + "x" * 25_000, "01 99 00 12 34, poste " + "9" * 60
    fill(page, "gestion.frais", description)
    page.get_by_label("Téléphone", exact=True).fill(phone)
    send(page)
    expect(page.get_by_role("alert").get_by_role("link")).to_have_text(
        [loose("Téléphone : 50 caractères au plus"), loose("Description : 20 000 caractères au plus")]
    )
    expect(page.get_by_label("Description")).to_have_value(description)
    expect(page.get_by_label("Téléphone", exact=True)).to_have_value(phone)


def test_a_double_click_makes_one_incident(stack: Stack, visit: Visit) -> None:
    page = visit("claire.martin").open(FORM)
    description = "Double clic : le copieur du deuxième étage ne répond plus."
    fill(page, "poste.impression", description)
    page.locator("form.form .actions").get_by_role("button", name="Envoyer").dblclick()
    number = confirmed(page)
    assert numbers_of(stack, "claire.martin", description) == [number]


def test_a_reload_keeps_what_was_typed(visit: Visit) -> None:
    page = visit("hugo.petit").open(FORM)
    page.get_by_label("Description").fill("Un brouillon qui survit.")
    expect(page.get_by_text(re.compile(r"Brouillon enregistré à \d+.h.\d\d"))).to_be_visible()
    page.reload()
    expect(page.get_by_label("Description")).to_have_value("Un brouillon qui survit.")


def test_a_sent_form_that_one_comes_back_to_does_not_claim_to_be_kept(visit: Visit) -> None:
    page = visit("hugo.petit").open(FORM)
    fill(page, "poste.logiciel", "Retour en arrière : le tableur manque.")
    send(page)
    confirmed(page)
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => name.startsWith('draft '))") == []
    page.goto(page.url.partition("/incidents/")[0] + FORM)
    page.route("**/brouillon/**", lambda route: route.fulfill(status=409, json={"kept": False, "saved_at": None}))
    page.get_by_label("Description").fill("Tout autre chose")
    expect(page.get_by_text("Ce formulaire a déjà été envoyé.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Description")).to_have_value("Tout autre chose")


def test_an_expired_session_keeps_what_was_typed(visit: Visit) -> None:
    claire = visit("claire.martin")
    page = claire.open(FORM)
    fill(page, "scolarite.notes", "Session expirée : les bulletins ne s’ouvrent plus.")
    claire.context.clear_cookies(name="cecoia_session")
    send(page)
    claire.identify("claire.martin")
    expect(page.get_by_label("Description")).to_have_value("Session expirée : les bulletins ne s’ouvrent plus.")
    expect(page.get_by_label("Disponibilité")).to_have_value("Jusqu’à 17 h")
    send(page)
    confirmed(page)


def test_the_keys_can_be_turned_off(visit: Visit) -> None:
    claire = visit("claire.martin")
    page = claire.open("/preferences")
    page.get_by_label(loose("Raccourcis"), exact=False).first.uncheck()
    page.get_by_role("button", name="Enregistrer").click()
    page = claire.open("/")
    # hears the key after the page itself, which would have taken it
    page.evaluate("addEventListener('keydown', (event) => { if (event.code === 'KeyN') window.key = event })")
    page.keyboard.press("Alt+Shift+N")
    assert page.wait_for_function("window.key").evaluate("key => key.defaultPrevented") is False


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on the field or button of that name."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).innerText.replace(/\\s+/g, ' ').trim()"
        )
        if focused.startswith(name):
            return
    raise AssertionError(f"Tab never came to {name}")


def test_the_whole_form_by_keyboard(visit: Visit) -> None:
    page = visit("claire.martin").page
    page.keyboard.press("Alt+Shift+N")
    expect(page.get_by_role("heading", level=1)).to_have_text("Créer un incident")
    tab_to(page, "Objet de votre demande")
    page.keyboard.type("Vidéo")
    tab_to(page, "Téléphone")
    page.keyboard.type("01 99 00 12 34")
    tab_to(page, "Disponibilité")
    page.keyboard.type("Demain après 14 h")
    tab_to(page, "Description")
    page.keyboard.type("Au clavier : le vidéoprojecteur reste noir.")
    tab_to(page, "Envoyer")
    page.keyboard.press("Enter")
    confirmed(page)


def test_the_window_of_an_update_is_a_window(visit: Visit, seeded: Seeded) -> None:
    page = visit("hugo.petit").open(f"/incidents/{seeded.talked}")
    link = page.get_by_role("link", name="Mise à jour de l’incident")
    link.focus()
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog", name="Mise à jour de l’incident")
    expect(window).to_be_visible()
    window.get_by_role("textbox").first.fill("Presque fini d’écrire.")
    page.keyboard.press("Escape")
    expect(window).to_be_hidden()
    expect(link).to_be_focused()
    link.click()
    expect(window.get_by_role("textbox").first).to_have_value("Presque fini d’écrire.")


def test_an_open_incident_on_the_same_subject_is_shown_first(stack: Stack, visit: Visit) -> None:
    """On a subject that no other test asks about: only the newest are shown."""
    body = {"phone": "01 99 00 12 34", "availability": "Le matin", "subject": "scolarite.notes", "urgency": "low"}
    with stack.intake("hugo.petit") as hugo:
        sent = hugo.post("/v1/incidents", json=body | {"description": "Chorus-DT refuse mon trajet."})
        number = sent.raise_for_status().json()["number"]
    page = visit("hugo.petit").open(FORM)
    page.get_by_label("Objet de votre demande").select_option("scolarite.notes")
    expect(page.get_by_text("Ne saisissez pas de nouvelle demande")).to_be_visible()
    expect(page.get_by_role("link", name=number)).to_be_visible()


def test_the_description_that_was_sent_is_shown_with_its_paragraphs(visit: Visit, seeded: Seeded) -> None:
    page = visit("hugo.petit").open(f"/incidents/{seeded.talked}")
    expect(page.locator(".timeline .message").first.locator("p")).to_have_text(
        ["Les courriels aux familles reviennent.", loose("Code 535.")]
    )
    assert DESCRIPTION not in page.content()


def test_a_document_added_in_the_window_leaves_every_element_its_own_name(
    visit: Visit, seeded: Seeded, screenshot: Path
) -> None:
    hugo = visit("hugo.petit")
    page = hugo.open(f"/incidents/{seeded.talked}")
    page.get_by_role("link", name="Mise à jour de l’incident").click()
    window = page.locator("dialog#maj")
    window.locator("input[type=file]").set_input_files(screenshot)
    expect(window.get_by_role("button", name=f"Retirer {screenshot.name}")).to_be_visible()
    names = page.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert sorted(names) == sorted(set(names))
    # What the summary of errors leads to can be seen, and takes the focus.
    expect(window.locator("#maj-documents")).to_be_visible()
    expect(window.locator("#maj-documents")).to_have_accessible_name("Choisir des fichiers")


def test_the_parts_of_an_incident_say_where_one_is(visit: Visit, seeded: Seeded) -> None:
    page = visit("hugo.petit").open(f"/incidents/{seeded.talked}")
    parts = page.get_by_role("navigation", name="Parties de l’incident")
    expect(parts.locator("[aria-current]")).to_have_count(0)
    parts.get_by_role("link", name="Documents").click()
    expect(parts.locator("[aria-current]")).to_contain_text("Documents")
