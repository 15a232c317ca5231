"""A whole day: an outage that five people report, on pages, by telephone and by mail, until all of them are told its end."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Visit
from tests.end_to_end.form import confirmed, fill, loose, send
from tests.end_to_end.test_phone import recorded
from tests.support.mails import await_mail, mails
from tests.support.post import US, mail
from tests.support.stack import Stack, free_ports, started
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(420)]

SUBJECT = "reseau.panne"
CLAIRE, ANNE, SOPHIE = (f"{name}@cecoia.example" for name in ("claire.martin", "anne.leroy", "sophie.durand"))
GROUP, SUPERVISORS = "reseau@cecoia.example", "responsables@cecoia.example"
NEWS, ERROR = "Coupure internet au collège", "Routeur du collège arrêté"
QUESTION, ANSWER = "Le voyant du routeur est-il vert ?", "Non, il est rouge et il clignote."


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system of its own, whose network team works at any hour: what is not taken in a minute is late."""
    running = Stack(tmp_path_factory.mktemp("day") / "home", free_ports())
    with started(running, {"CECOIA_SUPERVISORS_MAIL": SUPERVISORS}):
        _work_always(running)
        yield running


def _work_always(stack: Stack) -> None:
    days = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    reason = {"reason": "Semaine des examens."}
    times = {"low": 480, "normal": 240, "high": 120, "critical": 1}
    with stack.intake("sophie.durand") as sophie:
        for part, body in (
            ("calendars/toujours", {"label": "À toute heure", "open": days}),
            ("groups/reseau", {"label": "Réseau et internet", "mail": GROUP, "calendar": "toujours"}),
            (
                f"subjects/{SUBJECT}",
                {
                    "label": "Réseau : coupure internet de l’établissement",
                    "kind": "incident",
                    "group": "reseau",
                    "take": times,
                    "resolve": {urgency: 10 * minutes for urgency, minutes in times.items()},
                },
            ),
        ):
            sophie.post(f"/v1/catalogue/{part}", json=body | reason).raise_for_status()


def test_a_whole_day(stack: Stack, visit: Visit) -> None:
    claire, lucas = visit("claire.martin"), visit("lucas.morel")
    with stack.intake("hugo.petit") as hugo:
        forgotten = _report(hugo, "Plus d’internet au lycée.", "critical")
        of_hugo = _report(hugo, "Le collège n’a plus internet.")
    with stack.intake("sophie.durand") as sophie:
        of_sophie = _report(sophie, "Rien ne répond au collège.")
    main = _by_form(claire.page)
    by_phone = _by_phone(visit("nadia.benali").open("/appels/nouveau"))
    by_mail = _by_mail(stack)
    reported = [of_hugo, of_sophie, by_phone, by_mail]

    publish_news(lucas)
    page = claire.open(f"/incidents/{main}")
    expect(page.locator("#news")).to_contain_text(NEWS)
    error = publish_known_error(lucas)
    link(lucas.open(f"/incidents/{main}"), error)
    for number in reported:
        merge(lucas.open(f"/incidents/{number}"), main)
    await_mail(stack.home, ANNE, by_mail, "Regroupement")

    ask(lucas.open(f"/files/reseau?incident={main}"))
    _answer_by_mail(stack, main)
    page = lucas.open(f"/incidents/{main}")
    expect(page.locator("#fil")).to_contain_text(ANSWER)
    expect(page.locator(".head .badge")).to_have_text("En cours")

    resolve(page, "Le routeur est redémarré.")
    refuse(claire.open(f"/incidents/{main}"))
    resolve(lucas.open(f"/incidents/{main}"), "Le routeur est remplacé.")
    claire.open(f"/incidents/{main}").get_by_role("button", name="Oui, c’est résolu").click()
    expect(claire.page.locator("#avis")).to_contain_text("Merci, l’incident est clôturé")

    late(stack, lucas, forgotten)
    read_the_day(lucas.open(f"/incidents/{main}"), error)
    tell_the_others(stack, reported)
    assert claire.complaints == lucas.complaints == []


def _report(client: httpx.Client, description: str, urgency: str = "high") -> str:
    body = {"phone": "01 99 00 12 34", "availability": "Toute la journée", "subject": SUBJECT, "urgency": urgency}
    answer = client.post("/v1/incidents", json={**body, "description": description})
    number: str = answer.raise_for_status().json()["number"]
    return number


def _by_form(page: Page) -> str:
    page.get_by_role("link", name="Créer un incident").click()
    fill(page, SUBJECT, "Plus aucun poste du collège n’accède à internet depuis 8 h.")
    send(page)
    return confirmed(page)


def _by_phone(page: Page) -> str:
    page.get_by_label("Qui appelle").fill("Paul Girard")
    page.get_by_label("Qui appelle").press("Enter")
    page.get_by_label("Son nom").fill("Paul Girard")
    page.get_by_label("Son courriel").first.fill("paul.girard@cecoia.example")
    page.get_by_label("Objet").select_option(SUBJECT)
    page.get_by_label("Ce que dit l’appelant").fill("Internet est coupé au collège.")
    page.get_by_label("Téléphone pour rappeler").fill("01 99 00 45 67")
    page.get_by_label("Disponibilité").fill("Jusqu’à midi")
    page.get_by_role("button", name="Enregistrer l’appel").click()
    return recorded(page)


def _hand_over(stack: Stack, message: EmailMessage, sender: str) -> None:
    with smtplib.SMTP("127.0.0.1", stack.port + 5) as relay:
        relay.send_message(message, sender, [US])


def _by_mail(stack: Stack) -> str:
    text = "Bonjour,\n\nInternet est coupé dans tout l’établissement.\n\nAnne Leroy\n"
    message = mail(text, f"Anne Leroy <{ANNE}>", Subject="Coupure internet", Message_ID="<matin@poste.example>")
    _hand_over(stack, message, ANNE)
    number: str = await_mail(stack.home, ANNE, "Création", "coupure internet")["X-CeCoIA-Incident"]
    return number


def publish_news(lucas: Visitor) -> None:
    page = lucas.open("/news")
    page.get_by_role("link", name="Publier une news").click()
    page.get_by_label("Titre").fill(NEWS)
    page.get_by_label("Texte").fill("Le collège est coupé depuis 8 h, nous cherchons.")
    page.get_by_label("Objet (facultatif)", exact=True).select_option(SUBJECT)
    page.get_by_role("button", name="Publier").click()
    expect(page.locator("#avis")).to_contain_text("La news est publiée")


def publish_known_error(lucas: Visitor) -> str:
    page = lucas.open("/erreurs-connues")
    page.get_by_role("link", name="Publier une erreur connue").click()
    page.get_by_label("Titre").fill(ERROR)
    page.get_by_label("Objet", exact=True).select_option(SUBJECT)
    page.get_by_label("Symptômes").fill("Plus aucun poste n’accède à internet.")
    page.get_by_label("Contournement").fill("Utilisez le partage de connexion d’un téléphone.")
    page.get_by_role("button", name="Publier").click()
    expect(page.locator("#avis")).to_contain_text("L’erreur connue est publiée")
    return page.locator("main .num").first.inner_text()


def link(page: Page, error: str) -> None:
    page.locator("#erreurs-liees li", has_text=ERROR).get_by_role("button", name=f"Lier {error}").click()
    expect(page.locator("#avis")).to_contain_text("L’erreur connue est liée")


def merge(page: Page, into: str) -> None:
    page.get_by_role("link", name="Regrouper").click()
    window = page.get_by_role("dialog", name="Regrouper avec un autre incident")
    window.get_by_label("Ou le numéro d’un autre").fill(into)
    window.get_by_role("button", name="Regrouper").click()
    expect(page.locator("#avis")).to_contain_text("L’incident est regroupé avec l’autre")


def ask(page: Page) -> None:
    """Take the incident and wait for its requester."""
    page.get_by_role("button", name="Prendre en charge").click()
    expect(page.locator("#avis")).to_contain_text("L’incident est à vous")
    page.get_by_role("link", name="Mettre en attente").click()
    window = page.get_by_role("dialog", name="Mettre l’incident en attente")
    window.get_by_label("Une réponse de Claire Martin").check()
    window.get_by_label("Question ou explication").fill(QUESTION)
    window.get_by_role("button", name="Mettre en attente").click()
    expect(page.locator("#avis")).to_contain_text("L’incident est en attente")


def _answer_by_mail(stack: Stack, number: str) -> None:
    """As a mail program does, in the thread of the question."""
    question = await_mail(stack.home, CLAIRE, number, "attendue")
    asked = question.get_body(("plain",))
    assert asked is not None
    quoted = "".join(f"> {line}\n" for line in asked.get_content().splitlines())
    text = f"{ANSWER}\n\nLe 24 nov. 2026 à 10:00, CeCoIA a écrit :\n\n{quoted}"
    references = {"In_Reply_To": question["Message-ID"], "References": question["Message-ID"]}
    _hand_over(stack, mail(text, CLAIRE, Message_ID="<midi@poste.example>", **references), CLAIRE)
    with stack.query("claire.martin") as reader:
        eventually(lambda: reader.get(f"/v1/incidents/{number}").json()["status"] == "in_progress")


def resolve(page: Page, solution: str) -> None:
    page.get_by_role("link", name="Résoudre").click()
    page.get_by_label("Solution", exact=True).fill(solution)
    page.get_by_role("button", name="Résoudre et avertir").click()
    expect(page.locator("#avis")).to_contain_text("L’incident est résolu")


def refuse(page: Page) -> None:
    page.get_by_role("link", name="Non, le problème continue").click()
    page.get_by_label("Qu’est-ce qui ne va pas encore").fill("La salle 12 est encore coupée.")
    page.get_by_role("dialog", name="Le problème continue").get_by_role("button", name="Envoyer").click()
    expect(page.locator("#avis")).to_contain_text("l’assistance reprend l’incident")


def late(stack: Stack, lucas: Visitor, number: str) -> None:
    """What nobody took is told to the group and to its supervisors, and stands so in the queue and the history."""
    for address in (GROUP, SUPERVISORS):
        await_mail(stack.home, address, number, seconds=90)
    page = lucas.open(f"/files/reseau?incident={number}")
    expect(page.locator("#rangees li", has=page.locator(f"a[href*='{number}']"))).to_contain_text("en retard de")
    told = lucas.open(f"/incidents/{number}").locator("#fil")
    expect(told).to_contain_text(loose("Le délai de prise en compte est dépassé depuis le"))


def read_the_day(page: Page, error: str) -> None:
    """Everything that was said and done stands on the page, in order, and each of it in the history."""
    told = page.locator("#fil").inner_text().replace("\u00a0", " ").replace("\u202f", " ")
    steps = (
        "Plus aucun poste du collège n’accède à internet",
        "Transmis à Réseau et internet",
        f"Erreur connue n° {error} liée par Lucas Morel",
        "Un autre incident est regroupé ici",
        "Pris en compte par Lucas Morel",
        QUESTION,
        ANSWER,
        "Repris par Claire Martin",
        "Le routeur est redémarré.",
        "La salle 12 est encore coupée.",
        "Le routeur est remplacé.",
        "Clôturé par",
    )
    places = [told.find(step) for step in steps]
    assert -1 not in places, (dict(zip(steps, places, strict=True)), told)
    assert places == sorted(places), told
    page.locator("#historique-liste summary").first.click()
    expect(page.locator("#historique-lignes")).to_contain_text("Résolution refusée")


def tell_the_others(stack: Stack, numbers: list[str]) -> None:
    """Whose incidents were merged hear of the end under their own numbers, by whichever way they came."""
    addresses = ("hugo.petit@cecoia.example", SOPHIE, "paul.girard@cecoia.example", ANNE)
    for address, number in zip(addresses, numbers, strict=True):
        eventually(lambda to=address, about=number: "est considéré comme réglé" in _told(stack, to, about))
        assert "Claire" not in _told(stack, address, number)


def _told(stack: Stack, to: str, number: str) -> str:
    """All that somebody was sent about an incident, however its lines were broken."""
    sent = (one for one in mails(stack.home) if to in one["To"] and number in one["Subject"])
    texts = (one.get_body(("plain",)) for one in sent)
    return " ".join(" ".join(text.get_content().split()) for text in texts if text)
