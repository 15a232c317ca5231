"""The life of an incident step by step, with a slider, with keys, and without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Visit
from tests.support.axe import violations
from tests.support.seeding import Seeded
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def standing(page: Page, label: str) -> str:
    """What the page says of the incident after the step that it shows."""
    line = page.locator("#etape-vue dl > div").filter(has=page.get_by_text(label, exact=True))
    return line.locator("dd").inner_text().splitlines()[0]


def at(page: Page, step: int) -> None:
    """The page has come to a step: the view, the slider, the list and the address say so."""
    expect(page.locator("#etape-vue")).to_contain_text(f"Étape {step} sur")
    expect(page.get_by_role("slider")).to_have_value(str(step))
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", re.compile(f"^Étape {step} sur "))
    expect(page.locator("#etapes-liste [aria-current=step]")).to_have_attribute("data-step", str(step))
    expect(page).to_have_url(re.compile(rf"/parcours(\?etape={step}|\?le=.*)?$"))


def test_the_keyboard_goes_through_a_life(visit: Visit, seeded: Seeded) -> None:
    visitor = visit("nadia.benali")
    page = visitor.open(f"/incidents/{seeded.talked}")
    page.get_by_role("link", name="Rejouer").click()
    at(page, 1)
    page.evaluate("window.notLoadedAnew = true")
    slider, last = page.get_by_role("slider"), page.locator("#etapes-liste li").count()
    slider.focus()
    assert (standing(page, "Statut"), standing(page, "Responsable")) == ("À prendre en compte", "-")
    page.keyboard.press("End")
    at(page, last)
    assert (standing(page, "Statut"), standing(page, "Responsable")) == ("En cours", "Nadia Benali")
    page.keyboard.press("ArrowLeft")
    at(page, last - 1)
    page.keyboard.press("Home")
    at(page, 1)
    taken = page.locator("#etapes-liste a").filter(has_text="Pris en compte")
    step = int(taken.get_attribute("data-step") or "")
    taken.click()
    at(page, step)
    changed = page.locator("#etape-vue .changed dt")
    expect(changed).to_have_text(["Statut", "Responsable"])
    expect(page.locator("#etape-vue")).to_contain_text("Avant\u00a0: À prendre en compte")
    page.locator("#etape-vue").click()
    page.keyboard.press("j")
    at(page, step + 1)
    page.get_by_role("link", name="Précédente").click()
    at(page, step)
    assert page.evaluate("window.notLoadedAnew")
    assert visitor.complaints == []
    assert list(violations(page)) == []


def test_what_happens_meanwhile_is_a_step_too(stack: Stack, visit: Visit, seeded: Seeded) -> None:
    visitor = visit("nadia.benali")
    page = visitor.open(f"/incidents/{seeded.resolved}/parcours")
    last = page.locator("#etapes-liste li").count()
    with stack.intake("nadia.benali") as nadia:
        nadia.post(f"/v1/incidents/{seeded.resolved}/note", json={"text": "Vu au passage."}).raise_for_status()
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    at(page, last)
    page.get_by_role("link", name="Suivante").click()
    at(page, last + 1)
    expect(page.locator("#etape-vue")).to_contain_text("Vu au passage.")
    expect(page.locator("h1 + p")).to_contain_text(f"{last + 1}\u00a0étapes")
    assert visitor.complaints == []


def test_without_a_script_links_and_a_form_lead_through_it(visit: Visit, seeded: Seeded) -> None:
    page = visit("hugo.petit", java_script_enabled=False).open(f"/incidents/{seeded.talked}/parcours")
    page.get_by_role("link", name="Suivante").click()
    at(page, 2)
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    page.get_by_role("button", name="Aller à l’étape").click()
    last = page.locator("#etapes-liste li").count()
    at(page, last)
    expect(page.get_by_role("link", name="Suivante")).to_have_count(0)
    page.get_by_role("link", name="Précédente").click()
    at(page, last - 1)


def test_requesters_go_through_what_they_may_see(stack: Stack, visit: Visit, seeded: Seeded) -> None:
    page = visit("hugo.petit").open(f"/incidents/{seeded.talked}/parcours?etape=99")
    assert "Note interne" not in page.locator("#etapes-liste").inner_text()
    assert page.get_by_text("À résoudre avant").count() == 0
    with stack.query("nadia.benali") as nadia, stack.query("hugo.petit") as hugo:
        path = f"/v1/incidents/{seeded.talked}/journey"
        everything, own = (client.get(path).raise_for_status().json()["items"] for client in (nadia, hugo))
    assert {step["type"] for step in everything} - {step["type"] for step in own} == {"NoteAdded"}
    assert visit("claire.martin").status(f"/incidents/{seeded.talked}/parcours") == 404


def test_a_telephone_shows_it_whole(visit: Visit, seeded: Seeded) -> None:
    page = visit("nadia.benali", viewport={"width": 360, "height": 800}).open(
        f"/incidents/{seeded.talked}/parcours?etape=4"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert list(violations(page)) == []


def test_a_queue_is_shown_as_it_was_and_offers_nothing(stack: Stack, visit: Visit, seeded: Seeded) -> None:
    visitor = visit("nadia.benali")
    page = visitor.open(f"/files/messagerie?incident={seeded.talked}")
    page.locator("#alors summary").click()
    page.locator("#alors").get_by_label("Le").fill("2018-11-06")
    page.locator("#alors").get_by_role("button", name="Voir").click()
    expect(page.locator("h1 + p")).to_have_text("Telle qu’elle était le 06/11/2018 08:00:00")
    expect(page.get_by_text("Rien n’attendait.")).to_be_visible()
    page.get_by_role("link", name="Une heure plus tard").click()
    expect(page.locator("h1 + p")).to_have_text("Telle qu’elle était le 06/11/2018 09:00:00")
    page = visitor.open("/files/messagerie/alors")
    expect(page.get_by_text("Vous voyez le passé")).to_be_visible()
    with stack.query("nadia.benali") as query:
        waiting = query.get("/v1/queues/messagerie?limit=50").raise_for_status().json()["items"]
    rows = page.locator("main tbody th a")
    expect(rows).to_have_text([re.compile(item["number"]) for item in waiting])
    assert page.locator("main form[method=post]").count() == 0
    page.get_by_label("Responsable").select_option(label="Moi")
    page.get_by_role("button", name="Voir").click()
    expect(rows).to_have_text([re.compile(item["number"]) for item in waiting if item["mine"]])
    expect(page.get_by_role("link", name="Une heure plus tôt")).to_have_attribute("href", re.compile("responsible=me"))
    page.get_by_role("link", name="Revenir à la file d’aujourd’hui").click()
    expect(page).to_have_url(re.compile(r"/files/messagerie\?responsible=me"))
    page.locator("#alors summary").click()
    page.locator("#alors").get_by_label("Le").fill("2018-11-06")
    page.locator("#alors").get_by_role("button", name="Voir").click()
    expect(page.get_by_text("Rien de tel n’attendait.")).to_be_visible()
    page.get_by_role("link", name="Tout afficher").click()
    expect(page.get_by_text("Rien n’attendait.")).to_be_visible()
    page = visitor.open("/files/toutes/alors")
    expect(page.locator("h1 + p")).to_contain_text("Telles qu’elles étaient le")
    rows.filter(has_text=seeded.talked).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Parcours de l’incident")
    at(page, page.locator("#etapes-liste li").count())
    assert visitor.complaints == []
