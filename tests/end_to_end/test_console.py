"""The agents' list in a browser: taking the next one, the keys, several at once, views of one's own, without a script."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Visit
from tests.support.axe import violations
from tests.support.stack import Stack
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

_words = count(1)


@pytest.fixture
def word(stack: Stack) -> str:
    """A word that stands in the incidents of one test alone."""
    return f"repere{next(_words)}mot"


def record(stack: Stack, word: str, number: int, urgency: str = "normal") -> list[str]:
    """Incidents that wait for messagerie, found by a word; they are there when this returns."""
    body = {"phone": "01 99 00 12 34", "availability": "Jusqu’à 17 h", "subject": "messagerie.acces"}
    with stack.intake("hugo.petit") as hugo, stack.query("sophie.durand") as query:
        made = [
            hugo.post("/v1/incidents", json={**body, "urgency": urgency, "description": f"{word} numéro {n}"})
            .raise_for_status()
            .json()["number"]
            for n in range(number)
        ]
        eventually(lambda: len(waiting(query, word)) == number)
    return made


def waiting(query: httpx.Client, word: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (
        query.get("/v1/waiting", params={"q": word, "limit": 100}).raise_for_status().json()["items"]
    )
    return found


def press(visitor: Visitor, page: Page, selector: str) -> httpx.Request:
    """What a browser would send if its form were sent now."""
    fields = page.eval_on_selector(selector, "form => [...new FormData(form)]")
    action = page.eval_on_selector(selector, "form => form.action")
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in visitor.context.cookies())
    return httpx.Request("POST", action, data=dict(fields), headers={"Cookie": cookies})


def send(request: httpx.Request) -> str:
    """Send it; where it leads."""
    with httpx.Client(trust_env=False, timeout=30) as client:
        answer = client.send(request)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_two_agents_who_take_the_next_one_at_once_get_different_ones(stack: Stack, visit: Visit, word: str) -> None:
    numbers = record(stack, word, 6)
    requests = []
    for who in ("nadia.benali", "sophie.durand"):
        visitor = visit(who)
        for _ in range(3):
            page = visitor.open(f"/files/messagerie?q={word}")
            requests.append(press(visitor, page, "form[action='/files/suivant']"))
    with ThreadPoolExecutor(6) as pool:
        led = list(pool.map(send, requests))
    assert sorted(httpx.URL(address).params["incident"] for address in led) == sorted(numbers)
    assert send(requests[0]) == led[0], "sent twice, the form takes no second one"
    with stack.query("sophie.durand") as query:
        assert {item["status"] for item in waiting(query, word)} == {"in_progress"}


def test_the_next_one_opens_and_is_one_s_own(stack: Stack, visit: Visit, word: str) -> None:
    record(stack, f"ailleurs{word}", 1)
    record(stack, word, 1, "low")
    (pressing,) = record(stack, f"{word}b", 1, "critical")
    page = visit("nadia.benali", java_script_enabled=False).open(f"/files/toutes?q={word}&sort=-recorded_at")
    page.get_by_role("button", name="Prendre le suivant").click()
    expect(page.get_by_text("L’incident est à vous")).to_be_visible()
    expect(page.locator("#incident")).to_have_attribute("data-incident", pressing)
    page.get_by_role("button", name="Prendre le suivant").click()
    expect(page.get_by_text("L’incident est à vous")).to_be_visible()
    page.get_by_role("button", name="Prendre le suivant").click()
    expect(page.get_by_text("Il n’y a plus rien à prendre ici.")).to_be_visible()


def opened(page: Page, number: str) -> None:
    """The page shows an incident beside its list, and the address says so."""
    expect(page.locator("#incident")).to_have_attribute("data-incident", number)
    expect(page.locator("#rangees [aria-current]")).to_be_focused()
    assert number in page.url


def test_the_keys_lead_through_a_queue_without_loading_it_anew(stack: Stack, visit: Visit, word: str) -> None:
    numbers = record(stack, word, 4)
    page = visit("nadia.benali").open(f"/files/messagerie?q={word}")
    page.evaluate("window.same = true")
    page.keyboard.press("j")
    opened(page, numbers[1])
    page.keyboard.press("j")
    page.keyboard.press("j")
    opened(page, numbers[3])
    page.keyboard.press("k")
    opened(page, numbers[2])
    page.go_back()
    opened(page, numbers[3])
    assert page.evaluate("window.same"), "nothing was loaded anew"
    page.keyboard.press("t")
    expect(page.get_by_text("L’incident est à vous")).to_be_visible()
    page.keyboard.press("r")
    reply = page.locator("#reponse")
    expect(reply).to_be_focused()
    page.keyboard.type("tournez jusqu’au rouge")
    expect(reply).to_have_value("tournez jusqu’au rouge")
    expect(page.locator("#incident")).to_have_attribute("data-incident", numbers[3])
    page.locator("#rangees [aria-current]").focus()
    page.keyboard.press("n")
    expect(page.locator("#note")).to_be_focused()


@pytest.mark.parametrize("script", [True, False])
def test_the_reply_leaves_its_room_to_what_was_said(stack: Stack, visit: Visit, word: str, script: bool) -> None:
    record(stack, word, 1)
    page = visit("nadia.benali", java_script_enabled=script).open(f"/files/messagerie?q={word}")
    page.set_viewport_size({"width": 1280, "height": 900})
    said, reply, rest = page.locator("#incident .pane-body"), page.locator("#reponse"), page.get_by_label("Et puis")
    expect(rest).to_be_hidden()
    room = said.bounding_box()
    assert room is not None
    assert room["height"] > 350
    assert not script or list(violations(page)) == []
    reply.focus()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Insérer")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Je regarde")
    page.locator("#rangees [aria-current]").focus()
    expect(rest).to_be_visible()
    reply.fill("")
    page.locator("#rangees [aria-current]").focus()
    expect(rest).to_be_hidden()


def test_what_was_typed_is_there_when_one_comes_back(stack: Stack, visit: Visit, word: str) -> None:
    numbers = record(stack, word, 2)
    page = visit("nadia.benali").open(f"/files/messagerie?q={word}")
    page.keyboard.press("r")
    page.keyboard.type("À moitié écrit")
    page.locator(f"#rangees li a[href*='{numbers[1]}']").click()
    opened(page, numbers[1])
    expect(page.locator("#reponse")).to_have_value("")
    page.keyboard.press("k")
    opened(page, numbers[0])
    expect(page.locator("#reponse")).to_have_value("À moitié écrit")


def test_keys_are_told_and_can_be_switched_off(stack: Stack, visit: Visit, word: str) -> None:
    numbers = record(stack, word, 2)
    nadia = visit("nadia.benali")
    page = nadia.open(f"/files/messagerie?q={word}")
    page.keyboard.press("?")
    window = page.get_by_role("dialog", name="Touches")
    expect(window.get_by_text("L’incident suivant de la file")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(window).to_be_hidden()
    expect(page.locator("#incident")).to_have_attribute("data-incident", numbers[0])
    page = nadia.open("/preferences")
    page.get_by_label("Raccourcis clavier actifs").uncheck()
    page.get_by_role("button", name="Enregistrer").click()
    page = nadia.open(f"/files/messagerie?q={word}")
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Touches")).to_be_hidden()
    expect(page.locator("#incident")).to_have_attribute("data-incident", numbers[0])


def test_a_view_is_saved_under_a_name_and_opens_first(visit: Visit) -> None:
    sophie = visit("sophie.durand", java_script_enabled=False)
    page = sophie.open("/files/messagerie")
    page.get_by_text("Filtrer et trier").click()
    page.get_by_label("Urgence", exact=True).select_option("critical")
    page.get_by_role("button", name="Appliquer").click()
    page.get_by_text("Mes vues").click()
    page.get_by_label("Nom de cette vue").fill("Les bloquantes")
    page.get_by_label("Commencer par elle").check()
    page.get_by_role("button", name="Enregistrer la vue").click()
    expect(page.get_by_text("Votre vue est enregistrée.")).to_be_visible()
    page = sophie.open("/files")
    expect(page.get_by_role("link", name="Les bloquantes")).to_have_attribute("aria-current", "true")
    assert "/files/messagerie?urgency=critical" in page.url
    page = sophie.open("/files?apercu=oui")
    expect(page.get_by_role("heading", level=1)).to_have_text("Files d’attente")
    page = sophie.open("/files")
    page.get_by_text("Mes vues").click()
    page.get_by_role("button", name="Retirer Les bloquantes").click()
    expect(page.get_by_role("link", name="Les bloquantes")).to_have_count(0)
    page = sophie.open("/files")
    expect(page.get_by_role("heading", level=1)).to_have_text("Files d’attente")


@pytest.mark.parametrize("width", [360, 1280])
def test_what_opens_over_the_list_is_accessible(stack: Stack, visit: Visit, word: str, width: int) -> None:
    record(stack, word, 1)
    page = visit("nadia.benali", viewport={"width": width, "height": 800}).open(f"/files/messagerie?q={word}")
    page.get_by_text("Filtrer et trier").click()
    for details in ("lot-transfert", "lot-attente", "vues"):
        page.locator(f"#{details} summary").click()
    expect(page.get_by_label("Nom de cette vue")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def choose(page: Page, numbers: list[str]) -> None:
    for number in numbers:
        page.get_by_label(f"Choisir {number}").check()


def statuses(stack: Stack, numbers: list[str]) -> list[str]:
    with stack.query("sophie.durand") as query:
        return [query.get(f"/v1/incidents/{number}").raise_for_status().json()["status"] for number in numbers]


def test_several_are_taken_at_once_and_given_back(stack: Stack, visit: Visit, word: str) -> None:
    numbers = record(stack, word, 4)
    page = visit("nadia.benali", java_script_enabled=False).open(f"/files/messagerie?q={word}&sort=recorded_at")
    page.get_by_role("link", name="Tout sélectionner").click()
    with stack.intake("sophie.durand") as sophie:
        sophie.post(f"/v1/incidents/{numbers[0]}/take", json={}).raise_for_status()
    page.get_by_role("button", name="Prendre", exact=True).click()
    told = page.locator("#lot")
    expect(told).to_contain_text("3\u00a0incidents pris en charge.")
    expect(told.get_by_role("listitem")).to_have_count(1)
    expect(told).to_contain_text(f"{numbers[0]}\u00a0: quelqu’un l’a modifié entre-temps")
    assert statuses(stack, numbers) == ["in_progress"] * 4
    with stack.intake("nadia.benali") as nadia:
        nadia.post(f"/v1/incidents/{numbers[1]}/note", json={"text": "Vu."}).raise_for_status()
    told.get_by_role("button", name="Annuler").click()
    expect(told).to_contain_text("2\u00a0incidents sont comme avant.")
    expect(told).to_contain_text(f"{numbers[1]}\u00a0: il a changé depuis, il est laissé tel quel")
    assert statuses(stack, numbers) == ["in_progress", "in_progress", "to_handle", "to_handle"]
    expect(told.get_by_role("button", name="Annuler")).to_have_count(0)


def test_what_went_to_another_team_comes_back_to_the_hands_that_had_it(stack: Stack, visit: Visit, word: str) -> None:
    numbers = record(stack, word, 2)
    with stack.intake("nadia.benali") as nadia:
        nadia.post(f"/v1/incidents/{numbers[1]}/take", json={}).raise_for_status()
        nadia.post(f"/v1/incidents/{numbers[1]}/hold", json={"reason": "third_party"}).raise_for_status()
    page = visit("nadia.benali").open(f"/files/messagerie?q={word}")
    choose(page, numbers)
    expect(page.get_by_text("2\u00a0incidents choisis")).to_be_visible()
    page.locator("#lot-transfert summary").click()
    page.get_by_label("À quelle équipe").select_option("group:reseau")
    page.locator("#lot-transfert").get_by_role("button", name="Transférer").click()
    told = page.locator("#lot")
    expect(told).to_contain_text("2\u00a0incidents transférés.")
    expect(page.locator("#rangees li")).to_have_count(0)
    told.get_by_role("button", name="Annuler").click()
    expect(told).to_contain_text("2\u00a0incidents sont comme avant.")
    assert statuses(stack, numbers) == ["to_handle", "on_hold"]
    expect(page.locator("#rangees li")).to_have_count(2)


def test_a_form_for_several_is_done_once(stack: Stack, visit: Visit, word: str) -> None:
    numbers = record(stack, word, 2)
    nadia = visit("nadia.benali")
    page = nadia.open(f"/files/messagerie?q={word}&choix=tout")
    request = press(nadia, page, "#rangees")
    request = httpx.Request("POST", request.url, content=request.content + b"&do=take", headers=request.headers)
    request.headers["content-length"] = str(len(request.content))
    assert send(request) == send(request)
    with stack.query("nadia.benali") as query:
        for number in numbers:
            history = query.get(f"/v1/incidents/{number}/history").raise_for_status().json()["items"]
            assert [event["type"] for event in history].count("IncidentTaken") == 1


def test_a_choice_that_says_too_little_is_kept(stack: Stack, visit: Visit, word: str) -> None:
    numbers = record(stack, word, 2)
    page = visit("nadia.benali", java_script_enabled=False).open(f"/files/messagerie?q={word}")
    choose(page, numbers[1:])
    page.locator("#lot-attente summary").click()
    page.locator("#lot-attente").get_by_role("button", name="Mettre en attente").click()
    expect(page.get_by_text("Dites ce que l’incident attend.")).to_be_visible()
    expect(page.get_by_label(f"Choisir {numbers[1]}")).to_be_checked()
    expect(page.get_by_label(f"Choisir {numbers[0]}")).not_to_be_checked()


def test_rows_come_and_go_while_choice_focus_and_scroll_stay(stack: Stack, visit: Visit, word: str) -> None:
    numbers = record(stack, word, 30)
    page = visit("nadia.benali").open(f"/files/messagerie?q={word}")
    row = page.locator(f"#rangees li a[href*='{numbers[20]}']")
    row.focus()
    page.get_by_label(f"Choisir {numbers[18]}").check()
    row.focus()
    before = row.evaluate("row => row.getBoundingClientRect().top")
    with stack.intake("sophie.durand") as sophie:
        sophie.post(f"/v1/incidents/{numbers[3]}/close", json={}).raise_for_status()
    expect(page.locator(f"#rangees li a[href*='{numbers[3]}']")).to_have_count(0)
    (pressing,) = record(stack, f"{word}b", 1, "critical")
    expect(page.locator(f"#rangees li a[href*='{pressing}']")).to_have_count(1)
    expect(page.get_by_label(f"Choisir {numbers[18]}")).to_be_checked()
    expect(page.get_by_text("1\u00a0incident choisi")).to_be_visible()
    expect(row).to_be_focused()
    assert abs(row.evaluate("row => row.getBoundingClientRect().top") - before) <= 1
