"""Who was helped follows the link of the last mail, and says with the keyboard alone how content they are."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.end_to_end.conftest import Visit
from tests.end_to_end.test_answers import new, send
from tests.support.mails import await_mail
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("scripts", [True, False])
def test_it_is_asked_answered_read_and_changed(stack: Stack, visit: Visit, scripts: bool) -> None:
    number = new(stack)
    send(stack, number, "close")
    body = await_mail(stack.home, "hugo.petit@cecoia.example", number, "Clôture").get_body(("plain",))
    assert body is not None
    found = re.search(rf"{stack.portal}(/incidents/{number}#satisfaction)", body.get_content())
    assert found
    hugo = visit("hugo.petit", java_script_enabled=scripts)
    page = hugo.open(found[1])

    page.get_by_label("Très insatisfait").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Satisfait", exact=True)).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("Clair et rapide.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#avis")).to_contain_text("Merci, votre avis est enregistré")
    expect(page.locator("#fil")).to_contain_text("Avis de Hugo Petit\u00a0: satisfait (4 sur 5)")
    assert page.locator(".head .badge").inner_text() == "Clôturé"

    nadia = visit("nadia.benali", java_script_enabled=scripts)
    expect(nadia.open(f"/incidents/{number}").locator("#fil")).to_contain_text("Clair et rapide.")

    page = hugo.open(f"/incidents/{number}")
    page.get_by_text("Le modifier").click()
    page.get_by_label("Très satisfait").check()
    page.get_by_role("button", name="Envoyer mon avis").click()
    expect(page.locator("#satisfaction summary")).to_contain_text("très satisfait")
    assert hugo.complaints == nadia.complaints == []
