"""The main job, as people see it: from the form to the tracking view, through the agent's queue, to the manager's figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Visit
from tests.end_to_end.form import create, loose
from tests.support.mails import await_mail
from tests.support.stack import Stack
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

SUBJECT = "Messagerie : connexion impossible"
SAID = "Depuis ce matin, Thunderbird refuse mon mot de passe, code 535."
ANSWER = "Votre compte est actif. Le message apparaît-il aussi sur un autre poste ?"
SOLUTION = "Le serveur d’envoi est corrigé, relancez Thunderbird."


def test_whole_path(stack: Stack, visit: Visit, screenshot: Path) -> None:
    claire = visit("claire.martin")
    number = create(claire.page, screenshot)

    mail = await_mail(stack.home, "claire.martin@cecoia.example", number, "Création")
    assert number in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    find_and_complete(claire.page, number)

    nadia = visit("nadia.benali")
    queue = nadia.page
    queue.get_by_role("link", name=loose("Messagerie et identité")).click()
    queue.locator(f'#rangees li a[href*="incident={number}"]').click()
    expect(queue.get_by_role("heading", name=loose(SUBJECT))).to_be_visible()
    queue.get_by_role("button", name="Prendre en charge").click()
    expect(queue.locator("#avis")).to_contain_text("L’incident est à vous")
    see_live(claire.page, "En cours")

    queue.get_by_label("Réponse à Claire Martin").fill(ANSWER)
    queue.get_by_role("button", name="Envoyer à Claire Martin").click()
    expect(queue.locator("#avis")).to_contain_text("Votre réponse est envoyée")
    expect(claire.page.get_by_text(loose(ANSWER))).to_be_visible()
    await_mail(stack.home, "claire.martin@cecoia.example", number, "Réponse")

    queue.get_by_role("link", name="Résoudre").click()
    queue.get_by_label("Solution").fill(SOLUTION)
    queue.get_by_role("button", name="Résoudre et avertir").click()
    expect(queue.locator("#avis")).to_contain_text("L’incident est résolu")
    see_live(claire.page, "Résolu, à confirmer")

    sophie = visit("sophie.durand")
    read_figures(sophie.page, number, sophie.open)
    for visitor in (claire, nadia, sophie):
        assert visitor.complaints == []


def find_and_complete(page: Page, number: str) -> None:
    """Find the incident under « Suivi des incidents », open it by its magnifier, add to it."""
    page.get_by_role("navigation", name="Support et Assistance").get_by_role("link", name=re.compile("Suivi")).click()
    page.get_by_role("link", name=f"Consulter l’incident {number}").click()
    expect(page.get_by_role("link", name="capture-code-535.png").first).to_be_visible()
    page.get_by_role("link", name="Mise à jour de l’incident").click()
    window = page.get_by_role("dialog", name="Mise à jour de l’incident")
    window.get_by_role("textbox").first.fill("Le webmail fonctionne depuis mon téléphone.")
    window.get_by_role("button", name="Envoyer", exact=True).last.click()
    expect(page.get_by_text("Le webmail fonctionne depuis mon téléphone.").first).to_be_visible()
    page.evaluate("window.neverReloaded = true")


def see_live(page: Page, status: str) -> None:
    """The page shows the status without having been loaded again."""
    expect(page.locator(".head .badge")).to_have_text(status)
    assert page.evaluate("window.neverReloaded") is True


def read_figures(page: Page, number: str, open_page: Callable[[str], Page]) -> None:
    """The manager sees the volumes by subject and day, and the events of this incident."""
    open_page("/rapports/volumes?by=day,subject")
    table = page.locator("figure", has=page.get_by_role("heading", name=loose("Créés, par objet"), exact=True)).first
    table.get_by_text("Voir les données").click()
    expect(table.get_by_role("row", name=loose(SUBJECT))).to_contain_text(re.compile("[1-9]"))
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    figures = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert figures.startswith("Jour;Objet;Créés;")
    assert SUBJECT in figures
    open_page("/rapports/evenements")
    missing = {"Incident créé", "Transmis à une équipe", "Pris en compte", "Réponse envoyée", "Résolu"}

    def found() -> bool:
        """Read a page of the history, and go on; at its end, what was written last may take a moment."""
        missing.difference_update(
            row.split("\n")[0] for row in page.locator(f'tr:has(a[href$="{number}"]) th').all_inner_texts()
        )
        with page.expect_navigation():
            page.get_by_role("link", name="Suite").click() if page.get_by_role("table").count() else page.reload()
        return not missing

    eventually(found)
