"""The form « Créer un incident », as hands fill it in."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

DESCRIPTION = "Depuis ce matin, Thunderbird refuse mon mot de passe, code 535."


def loose(text: str) -> re.Pattern[str]:
    """The words, whatever kind of space stands between them."""
    return re.compile(r"\s+".join(map(re.escape, text.replace("\u00a0", " ").replace("\u202f", " ").split())))


def fill(page: Page, subject: str = "messagerie.acces", description: str = DESCRIPTION) -> None:
    """Fill all fields in."""
    page.get_by_label("Objet de votre demande").select_option(subject)
    page.get_by_label("Téléphone", exact=True).fill("01 99 00 12 34")
    page.get_by_label("Urgence de l’incident").select_option("high")
    page.get_by_label("Disponibilité").fill("Jusqu’à 17 h")
    page.get_by_label("Description").fill(description)


def send(page: Page) -> None:
    """Press « Envoyer », the one that is seen."""
    page.locator("form.form .actions").get_by_role("button", name="Envoyer").click()


def asked(page: Page) -> Locator | None:
    """The button of whoever is asked, before it is recorded, whether it is another problem; None once it is recorded."""
    button = page.get_by_role("button", name="C’est un autre problème")
    expect(button.or_(_title(page))).to_be_visible()
    return button if button.is_visible() else None


def confirmed(page: Page) -> str:
    """The number that the confirmation page shows; it is another problem than those that stand open."""
    if button := asked(page):
        button.click()
    number = _title(page).locator("b").inner_text()
    assert re.fullmatch(r"1\d{6}_\d{4,}", number)
    return number


def _title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1, name="Votre demande est enregistrée")


def create(page: Page, screenshot: Path) -> str:
    """Fill the form in, with a document, and send it; returns the number."""
    page.get_by_role("link", name="Créer un incident").click()
    fill(page)
    page.locator("input[type=file]").first.set_input_files(screenshot)
    expect(page.get_by_role("button", name=f"Retirer {screenshot.name}")).to_be_visible()
    send(page)
    return confirmed(page)
