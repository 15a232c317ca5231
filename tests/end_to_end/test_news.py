"""A news stands on the front page; whom it concerns says so with one click, and hears how it ends."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.end_to_end.conftest import Visit
from tests.support.mails import await_mail
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("scripts", [True, False])
def test_published_followed_and_withdrawn(stack: Stack, visit: Visit, scripts: bool) -> None:
    title = f"Coupure du réseau ({scripts})"
    nadia = visit("nadia.benali", java_script_enabled=scripts)
    page = nadia.open("/news")
    page.get_by_role("link", name="Publier une news").click()
    page.get_by_label("Titre").fill(title)
    page.get_by_label("Texte").fill("Le lycée est coupé depuis 8 h.")
    page.get_by_role("button", name="Publier").click()
    expect(page.locator("#avis")).to_contain_text("La news est publiée")

    hugo = visit("hugo.petit", java_script_enabled=scripts)
    front = hugo.open("/")
    front.get_by_role("button", name=f"Cela me concerne aussi : {title}").click()
    expect(front.locator(".notice", has_text=title)).to_contain_text("Vous suivez cette news")

    page.reload()
    page.get_by_role("link", name="Retirer cette news").click()
    page.get_by_label("Message de fin").fill("Le lien est rétabli.")
    page.get_by_role("button", name="Retirer", exact=True).click()
    expect(page.locator("#avis")).to_contain_text("La news est retirée")
    await_mail(stack.home, "hugo.petit@cecoia.example", title, "News terminée")
    assert hugo.complaints == nadia.complaints == []
