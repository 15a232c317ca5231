"""A supervisor changes the catalogue on pages: a route after its trial, a subject that is retired, two at once, a file."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Visit
from tests.end_to_end.form import loose
from tests.support.axe import violations
from tests.support.stack import Stack
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

VISIO, EXAMS, PAY = "poste.visio", "scolarite.examens", "gestion.paie"
FORM = {
    "phone": "01 99 00 12 34",
    "availability": "Le matin",
    "urgency": "normal",
    "description": "Le vidéoprojecteur ne s’allume plus.",
}


def record(stack: Stack, subject: str) -> str:
    with stack.intake("claire.martin") as claire:
        answer = claire.post(
            "/v1/incidents", json=FORM | {"subject": subject}, headers={"Idempotency-Key": uuid4().hex}
        )
        return str(answer.raise_for_status().json()["number"])


def group_of(stack: Stack, number: str) -> str:
    """The group that an incident waits for, once it was routed."""
    with stack.query("sophie.durand") as sophie:

        def group() -> str | None:
            found: str | None = sophie.get(f"/v1/incidents/{number}").raise_for_status().json()["group"]
            return found

        eventually(lambda: group() is not None)
        return str(group())


def save(page: Page, reason: str) -> None:
    page.get_by_label("Motif du changement").fill(reason)
    page.get_by_role("button", name="Enregistrer").click()


def test_a_route_is_tried_before_it_is_changed(stack: Stack, visit: Visit) -> None:
    before = record(stack, VISIO)
    assert group_of(stack, before) == "postes"
    sophie = visit("sophie.durand")
    page = sophie.open("/catalogue")
    page.get_by_role("link", name=loose("Vidéoprojecteur, tableau interactif")).click()
    page.get_by_label("Équipe qui répond").select_option("reseau")
    save(page, "Les salles passent au réseau.")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Où iraient les")
    row = page.get_by_role("row").filter(has_text="Réseau et internet").filter(has_text="Postes de travail")
    expect(row).to_have_count(1)
    page.get_by_text("Voir les").click()
    expect(page.get_by_role("link", name=before)).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Enregistrer ce changement").click()

    expect(page.get_by_role("status")).to_contain_text("L’objet est enregistré")
    assert group_of(stack, record(stack, VISIO)) == "reseau"
    assert group_of(stack, before) == "postes"
    page.get_by_role("link", name="Historique").click()
    expect(page.get_by_text("Les salles passent au réseau.")).to_be_visible()
    assert sophie.complaints == []


def test_a_retired_subject_is_offered_no_more_and_its_incidents_read_fine(stack: Stack, visit: Visit) -> None:
    old = record(stack, EXAMS)
    sophie, claire = visit("sophie.durand"), visit("claire.martin")
    page = sophie.open(f"/catalogue/objets/{EXAMS}")
    page.get_by_text("Ne plus le proposer").click()
    page.get_by_label("Motif du retrait").fill("La session est finie.")
    page.get_by_role("button", name="Ne plus proposer").click()
    expect(page.get_by_role("status")).to_contain_text("restent lisibles")

    asking = claire.open("/incidents/nouveau")
    expect(asking.locator("#objet option", has_text="Examens et concours")).to_have_count(0)
    asking = claire.open(f"/incidents/{old}")
    expect(asking.get_by_text("Examens et concours (Cyclades)").first).to_be_visible()

    page = sophie.open(f"/catalogue/objets/{EXAMS}")
    expect(page.get_by_role("heading", name="Cet objet n’est plus proposé")).to_be_visible()
    page.get_by_label("Motif du changement").fill("Une session de rattrapage.")
    page.get_by_role("button", name="Proposer de nouveau").click()
    expect(page.get_by_role("status")).to_contain_text("L’objet est enregistré")
    asking = claire.open("/incidents/nouveau")
    expect(asking.locator("#objet option", has_text="Examens et concours")).to_have_count(1)


def test_two_supervisors_see_each_other_and_what_was_typed_stays(stack: Stack, visit: Visit) -> None:
    sophie = visit("sophie.durand")
    page = sophie.open(f"/catalogue/objets/{PAY}")
    page.get_by_label("Libellé").fill("Paie et carrière")
    with stack.query("sophie.durand") as query, stack.intake("sophie.durand") as other:
        subjects = query.get("/v1/catalogue").raise_for_status().json()["subjects"]
        found = next(one for one in subjects if one["subject"] == PAY)
        kept = {name: found[name] for name in ("label", "group", "take", "resolve")}
        change = kept | {"kind": "request", "reason": "C’est une demande."}
        other.post(f"/v1/catalogue/subjects/{PAY}", json=change).raise_for_status()
        elsewhere = {"label": "Bonjour", "text": "Bonjour {demandeur},", "reason": "Essai"}
        other.post("/v1/catalogue/canned-texts/bonjour", json=elsewhere).raise_for_status()
    save(page, "Plus court.")
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("Quelqu’un l’a changé entre-temps")
    expect(notice).to_contain_text("C’est une demande.")
    assert violations(page) == []
    expect(page.get_by_label("Libellé")).to_have_value("Paie et carrière")
    page.get_by_role("button", name="Enregistrer").last.click()
    expect(page.get_by_role("status")).to_contain_text("L’objet est enregistré")
    expect(page.get_by_role("link", name="Paie et carrière")).to_be_visible()
    assert violations(sophie.open("/catalogue/historique")) == []  # two steps of the same person in the same second


def test_mistakes_are_told_and_nothing_typed_is_lost(visit: Visit) -> None:
    sophie = visit("sophie.durand")
    page = sophie.open("/catalogue/calendriers")
    page.get_by_label("Code").fill("samedi")
    page.get_by_label("Libellé").fill("Le samedi")
    page.get_by_label("Samedi").fill("8h-12h")
    save(page, "Permanence")
    expect(page.get_by_role("alert")).to_contain_text("8h-12h")
    expect(page.get_by_label("Samedi")).to_have_value("8h-12h")
    page.get_by_label("Samedi").fill("08:00-12:00")
    page.get_by_label("Fuseau horaire").fill("Europe/Paris")
    page.get_by_role("button", name="Enregistrer").last.click()
    expect(page.get_by_role("status")).to_contain_text("Le calendrier est enregistré")
    expect(page.get_by_role("link", name="Le samedi")).to_be_visible()


def test_a_file_is_compared_then_applied(visit: Visit) -> None:
    sophie = visit("sophie.durand")
    page = sophie.open("/catalogue/fichier")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Télécharger").click()
    text = downloading.value.path().read_text(encoding="utf-8")
    assert 'label = "Réseau : Wi-Fi"' in text
    page.get_by_label("Ou son texte").fill(text)
    page.get_by_role("button", name="Voir les différences").click()
    expect(page.get_by_role("heading", name="Ce fichier ne changerait rien")).to_be_visible()
    changed = text.replace('label = "Réseau : Wi-Fi"', 'label = "Réseau : Wi-Fi des élèves"')
    page.get_by_label("Fichier", exact=True).set_input_files(
        {"name": "catalogue.toml", "mimeType": "application/toml", "buffer": changed.encode()}
    )
    page.get_by_role("button", name="Voir les différences").click()
    expect(page.get_by_text("1\u00a0changement. Rien n’est encore enregistré.")).to_be_visible()
    expect(page.locator("ins")).to_contain_text("Wi-Fi des élèves")
    assert violations(page) == []
    page.get_by_label("Motif du changement").fill("Précision")
    page.get_by_role("button", name="Appliquer ces changements").click()
    expect(page.get_by_role("status")).to_contain_text("Le fichier est appliqué")
    expect(page.get_by_role("link", name=loose("Réseau : Wi-Fi des élèves"))).to_be_visible()
    assert sophie.complaints == []
