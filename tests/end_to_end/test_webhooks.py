"""A supervisor registers a webhook on its page, sees its secret once, and does everything else there is to do with it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Visit
from tests.support.stack import Stack
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADDRESS = "https://127.0.0.9:1/incoming"
NAME = "programme.cecoia.invalid"


def register(page: Page, url: str) -> None:
    page.get_by_label("Adresse").fill(url)
    page.get_by_label("Équipe", exact=True).select_option(label="Postes de travail et impression")
    page.get_by_label("Pris en compte").check()
    page.get_by_role("button", name="Inscrire").click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"{name} {NAME}").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_supervisor_looks_after_a_webhook(visit: Visit, stack: Stack, scripts: bool) -> None:
    page = visit("sophie.durand", java_script_enabled=scripts).open("/")
    page.get_by_role("link", name="Webhooks").click()
    register(page, ADDRESS)
    expect(page.get_by_role("alert")).to_contain_text("réseau interne")
    expect(page.get_by_label("Adresse")).to_have_value(ADDRESS)
    expect(page.get_by_label("Pris en compte")).to_be_checked()

    register(page, f"https://{NAME}/incoming")
    secret = page.get_by_role("status").locator("code")
    expect(secret).to_have_text(re.compile(r"whsec_[\w+/]{43}="))
    told = secret.inner_text()
    card = page.get_by_role("article", name=NAME)
    expect(card).to_contain_text("Transmis à une équipe, Pris en compte")
    expect(card).to_contain_text("par Sophie Durand")
    page.goto(f"{stack.portal}/webhooks")
    expect(card).to_be_visible()
    assert told not in page.content()

    press(page, "Envoyer un essai")
    expect(page.get_by_role("status").first).to_contain_text("essai part")
    press(page, "Désactiver")
    expect(card).to_contain_text("à la demande d’un responsable")
    press(page, "Réactiver")
    expect(card).not_to_contain_text("Désactivé")
    eventually(lambda: failed_to_arrive(page))
    card.locator("summary").click()
    press(page, "Supprimer pour de bon")
    expect(card).to_have_count(0)


def failed_to_arrive(page: Page) -> bool:
    """Whether the message has gone out in vain; the page is as it was when it was asked for."""
    page.reload()
    return "adresse introuvable" in page.get_by_role("article", name=NAME).inner_text()


def test_agents_are_not_shown_the_way_there(visit: Visit, stack: Stack) -> None:
    page = visit("nadia.benali").open("/")
    expect(page.get_by_role("link", name="Webhooks")).to_have_count(0)
    assert page.goto(f"{stack.portal}/webhooks").status == 403  # type: ignore[union-attr]
