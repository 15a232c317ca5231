"""Two agents at the same incident: nobody's text is lost, nobody overwrites anybody."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.end_to_end.conftest import Visit
from tests.support.seeding import Seeded
from tests.support.stack import Stack
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_colleague_was_faster(stack: Stack, visit: Visit, seeded: Seeded) -> None:
    nadia = visit("nadia.benali", java_script_enabled=False)
    page = nadia.open(f"/files/messagerie?incident={seeded.waiting}")
    reply = page.get_by_label("Réponse à Hugo Petit")
    reply.fill("Nous regardons.")
    with stack.intake("sophie.durand") as sophie:
        sophie.post(f"/v1/incidents/{seeded.waiting}/reply", json={"text": "Je m’en occupe."}).raise_for_status()
    page.get_by_role("button", name="Envoyer à Hugo Petit").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("l’incident a changé depuis que vous l’avez lu")
    expect(alert).to_contain_text("Sophie Durand")
    expect(alert).to_contain_text("Je m’en occupe.")
    expect(alert).to_contain_text("Votre texte est gardé\u00a0: «\u00a0Nous regardons.\u00a0»")
    expect(reply).to_have_value("Nous regardons.")
    page.get_by_role("button", name="Envoyer à Hugo Petit").click()
    expect(page.get_by_text("Votre réponse est envoyée")).to_be_visible()
    expect(reply).to_have_value("")


def test_two_agents_at_once(stack: Stack, visit: Visit) -> None:
    """The second one sees what the first one did, finds what they wrote, and may send it all the same."""
    with stack.intake("hugo.petit") as hugo:
        number = _critical(hugo, "Deux agents, un incident.")
    first, second = visit("sophie.durand"), visit("nadia.benali", java_script_enabled=False)
    pages = [visitor.open(f"/incidents/{number}") for visitor in (first, second)]
    for page, text, said in zip(
        pages, ("Câble rebranché.", "Compte débloqué."), ("Votre note est gardée", "Votre envoi attend"), strict=True
    ):
        page.get_by_text("Écrire une note interne").click()
        page.get_by_label("Note interne – le demandeur ne la voit pas").fill(text)
        page.get_by_role("button", name="Garder entre agents").click()
        expect(page.get_by_text(said)).to_be_visible()
    alert = pages[1].get_by_role("alert")
    expect(alert).to_contain_text("Sophie Durand")
    expect(alert).to_contain_text("Câble rebranché.")
    expect(pages[1].get_by_label("Note interne – le demandeur ne la voit pas")).to_have_value("Compte débloqué.")
    with stack.intake("hugo.petit") as hugo:
        hugo.post(f"/v1/incidents/{number}/updates", json={"text": "Toujours rien."}).raise_for_status()
    alert.get_by_role("button", name="Envoyer quand même").click()
    expect(alert).to_contain_text("Toujours rien.")
    expect(alert).not_to_contain_text("Câble rebranché.")
    alert.get_by_role("button", name="Envoyer quand même").click()
    expect(pages[1].get_by_text("Votre note est gardée en interne")).to_be_visible()
    expect(pages[1].locator("#fil .note")).to_have_count(2)


def test_what_is_being_typed_survives_a_live_change(stack: Stack, visit: Visit, seeded: Seeded) -> None:
    page = visit("nadia.benali").open(f"/files/messagerie?incident={seeded.talked}")
    reply = page.get_by_label("Réponse à Hugo Petit")
    reply.press_sequentially("Je vous réponds")
    with stack.intake("hugo.petit") as hugo:
        hugo.post(f"/v1/incidents/{seeded.talked}/updates", json={"text": "Depuis 8 h 30."}).raise_for_status()
    expect(page.get_by_text("Depuis 8 h 30.")).to_be_visible()
    expect(reply).to_be_focused()
    reply.press_sequentially(" tout de suite.")
    expect(reply).to_have_value("Je vous réponds tout de suite.")


def test_an_expired_session_keeps_the_answer(visit: Visit, seeded: Seeded) -> None:
    nadia = visit("nadia.benali", java_script_enabled=False)
    page = nadia.open(f"/files/messagerie?incident={seeded.waiting}")
    page.get_by_label("Réponse à Hugo Petit").fill("Écrit avant la fin de la session.")
    nadia.context.clear_cookies(name="cecoia_session")
    page.get_by_role("button", name="Envoyer à Hugo Petit").click()
    nadia.identify("nadia.benali")
    expect(page.get_by_label("Réponse à Hugo Petit")).to_have_value("Écrit avant la fin de la session.")
    page.get_by_role("button", name="Envoyer à Hugo Petit").click()
    expect(page.get_by_text("Votre réponse est envoyée")).to_be_visible()


def test_a_half_typed_solution_is_kept_on_the_server(visit: Visit, seeded: Seeded) -> None:
    nadia = visit("nadia.benali")
    page = nadia.open(f"/incidents/{seeded.talked}")
    page.get_by_role("link", name="Résoudre").click()
    window = page.get_by_role("dialog", name="Résoudre l’incident")
    window.get_by_label("Solution").press_sequentially("Le quota")
    expect(window.get_by_text("Brouillon enregistré à")).to_be_visible()
    page.evaluate("sessionStorage.clear()")
    page = nadia.open(f"/incidents/{seeded.talked}")
    page.get_by_role("link", name="Résoudre").click()
    expect(page.get_by_label("Solution")).to_have_value("Le quota")


def test_queues_show_only_what_is_one_s_own(visit: Visit, seeded: Seeded) -> None:
    lucas = visit("lucas.morel")
    page = lucas.open("/files")
    expect(page.get_by_role("link", name="Messagerie et identité")).to_have_count(0)
    page = lucas.open("/files/messagerie")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Messagerie et identité")
    assert seeded.talked not in page.content()


def test_requesters_have_no_queue_and_no_report(visit: Visit) -> None:
    claire = visit("claire.martin")
    for path in ("/files", "/files/messagerie", "/rapports", "/rapports/volumes", "/rapports/evenements"):
        assert claire.status(path) in {403, 404}, path


def test_a_half_typed_answer_stays_with_its_incident(stack: Stack, visit: Visit) -> None:
    """Another incident becomes the first of the queue while one answers the one that was."""
    with stack.intake("hugo.petit") as hugo:
        numbers = [_critical(hugo, f"Panne générale {n}.") for n in range(2)]
    page = visit("nadia.benali").open("/files/messagerie?status=to_handle")
    for number in numbers:
        expect(page.locator(f"#rangees li a[href*='{number}']")).to_be_visible()
    page = visit("nadia.benali").open("/files/messagerie")
    opened = page.locator("#incident")
    number = opened.get_attribute("data-incident") or ""
    assert number in page.url
    reply = page.locator("#reponse")
    reply.press_sequentially("Pour une seule personne")
    with stack.intake("sophie.durand") as sophie:
        sophie.post(f"/v1/incidents/{number}/take", json={}).raise_for_status()
    expect(opened).to_contain_text("Pris en compte par Sophie Durand")
    expect(opened).to_have_attribute("data-incident", number)
    expect(reply).to_have_value("Pour une seule personne")
    expect(page.locator("#reponse").locator("xpath=ancestor::form")).to_have_attribute(
        "action", f"/incidents/{number}/actions/reply"
    )


def test_a_choice_that_was_not_sent_stays_what_it_was(stack: Stack, visit: Visit) -> None:
    """The page is made anew while a choice among several waits in a window that was closed."""
    with stack.intake("hugo.petit") as hugo:
        number = _critical(hugo, "Panne qui attend une date.")
    with stack.intake("nadia.benali") as nadia:
        eventually(lambda: nadia.post(f"/v1/incidents/{number}/take", json={}).is_success)
    page = visit("nadia.benali").open(f"/files/messagerie?incident={number}")
    page.get_by_role("link", name="Mettre en attente").click()
    window = page.get_by_role("dialog", name="Mettre l’incident en attente")
    window.get_by_role("radio", name="Une date").check()
    page.keyboard.press("Escape")
    with stack.intake("sophie.durand") as sophie:
        sophie.post(f"/v1/incidents/{number}/note", json={"text": "Dit entre-temps."}).raise_for_status()
    expect(page.locator("#incident")).to_contain_text("Dit entre-temps.")
    page.get_by_role("link", name="Mettre en attente").click()
    expect(window.get_by_role("radio", name="Une date")).to_be_checked()
    values = window.get_by_role("radio").evaluate_all("all => all.map(one => one.value)")
    assert values == ["requester", "third_party", "date"]


def _critical(intake: httpx.Client, description: str) -> str:
    body = {"phone": "01 99 00 12 34", "availability": "Jusqu’à 17 h", "subject": "messagerie.acces"}
    sent = intake.post("/v1/incidents", json={**body, "urgency": "critical", "description": description})
    number: str = sent.raise_for_status().json()["number"]
    return number


def test_what_changes_before_a_page_listens_is_shown_too(stack: Stack, visit: Visit, seeded: Seeded) -> None:
    nadia = visit("nadia.benali")

    def late(route: Route) -> None:
        """Let the page listen only after the change has been told to everybody."""
        with stack.intake("hugo.petit") as hugo, stack.query("hugo.petit") as query:
            sent = hugo.post(f"/v1/incidents/{seeded.waiting}/updates", json={"text": "Entre deux portes."})
            position = sent.raise_for_status().headers["Event-Position"]
            query.get("/v1/incidents", headers={"Min-Event-Position": position}).raise_for_status()
        route.continue_()

    nadia.page.route("**/flux*", late, times=1)
    page = nadia.open(f"/incidents/{seeded.waiting}")
    expect(page.locator("#fil").get_by_text("Entre deux portes.")).to_be_visible()


def test_a_note_stays_inside_and_looks_so(stack: Stack, visit: Visit, seeded: Seeded) -> None:
    page = visit("nadia.benali", java_script_enabled=False).open(f"/files/messagerie?incident={seeded.waiting}")
    page.get_by_text("Écrire une note interne").click()
    note = page.get_by_label("Note interne – le demandeur ne la voit pas")
    note.fill("Déjà vu lundi.")
    page.get_by_role("button", name="Garder entre agents").click()
    expect(page.get_by_text("Votre note est gardée en interne")).to_be_visible()
    expect(page.locator(".timeline .note")).to_contain_text("Note interne, agents seulement")
    page = visit("hugo.petit").open(f"/incidents/{seeded.waiting}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "Déjà vu lundi" not in page.content()


def test_an_incident_is_transferred(stack: Stack, visit: Visit) -> None:
    with stack.intake("hugo.petit") as hugo:
        number = _critical(hugo, "Plus de courriel en salle 12.")
    page = visit("nadia.benali").open(f"/files/messagerie?incident={number}")
    page.get_by_role("link", name="Transférer").click()
    window = page.get_by_role("dialog", name="Transférer l’incident")
    window.get_by_label("À qui").select_option("subject:reseau.wifi")
    window.get_by_label("Message").fill("C’est le Wi-Fi.")
    window.get_by_role("button", name="Transférer").click()
    expect(page.get_by_text("L’incident est transféré")).to_be_visible()
    expect(page.locator(f"#rangees li a[href*='{number}']")).to_have_count(0)
    page = visit("lucas.morel").open(f"/files/reseau?incident={number}")
    expect(page.locator("#incident")).to_contain_text("C’est le Wi-Fi.")
    expect(page.get_by_role("button", name="Prendre en charge")).to_be_visible()


def test_an_incident_waits_for_an_answer_and_goes_on_with_it(stack: Stack, visit: Visit) -> None:
    with stack.intake("hugo.petit") as hugo:
        number = _critical(hugo, "Un poste sans courriel.")
    with stack.intake("sophie.durand") as sophie:
        sophie.post(f"/v1/incidents/{number}/take", json={}).raise_for_status()
    page = visit("nadia.benali", java_script_enabled=False).open(f"/incidents/{number}")
    page.get_by_role("link", name="Mettre en attente").click()
    window = page.get_by_role("dialog", name="Mettre l’incident en attente")
    window.get_by_label("Une réponse de Hugo Petit").check()
    window.get_by_label("Question ou explication").fill("Quel poste ?")
    window.get_by_role("button", name="Mettre en attente").click()
    expect(page.get_by_text("L’incident est en attente.")).to_be_visible()
    page = visit("hugo.petit").open(f"/incidents/{number}")
    expect(page.get_by_text("attend votre réponse")).to_be_visible()
    page.get_by_label("Ajouter un complément").fill("Le poste 12.")
    page.locator("#complement").get_by_role("button", name="Envoyer").last.click()
    expect(page.get_by_text("s’occupe de l’incident")).to_be_visible()


def test_two_incidents_become_one(stack: Stack, visit: Visit) -> None:
    with stack.intake("hugo.petit") as hugo:
        leader = _critical(hugo, "Serveur de courriel arrêté, salle 14.")
    with stack.intake("claire.martin") as claire:
        duplicate = _critical(claire, "Plus de courriel au secrétariat.")
    nadia = visit("nadia.benali", java_script_enabled=False)
    page = nadia.open(f"/files/messagerie?incident={duplicate}")
    page.get_by_role("link", name="Regrouper").click()
    window = page.get_by_role("dialog", name="Regrouper avec un autre incident")
    window.get_by_label("Ou le numéro d’un autre").fill("1000101 1")
    window.get_by_role("button", name="Regrouper").click()
    expect(page.get_by_role("alert")).to_contain_text("Indiquez le numéro d’un autre incident")
    page.get_by_role("link", name="Regrouper").click()
    window.get_by_label("Ou le numéro d’un autre").fill("")
    window.get_by_label(f"{leader}, Hugo Petit").check()
    window.get_by_role("button", name="Regrouper").click()
    expect(page.get_by_text("L’incident est regroupé avec l’autre")).to_be_visible()
    expect(page.locator("#incident").get_by_role("link", name=leader)).to_be_visible()
    expect(nadia.open(f"/incidents/{leader}").locator("#fiche").get_by_role("link", name=duplicate)).to_be_visible()
    page = visit("claire.martin").open(f"/incidents/{duplicate}")
    expect(page.get_by_role("heading", name="Regroupé avec un autre incident")).to_be_visible()
    expect(page.get_by_text("Vous serez tenu au courant ici et par courriel")).to_be_visible()
    assert leader not in page.content()
    assert "salle 14" not in page.content()
