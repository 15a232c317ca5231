"""A few incidents in a running system, so that its pages have something to show."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import httpx

from tests.support.stack import Stack


class Seeded(NamedTuple):
    """Numbers of incidents of hugo.petit for the group messagerie, by what one can see on them.

    Attributes:
        error: number of a known error that `talked` is linked to.
        news: id of a news about it.
    """

    talked: str
    resolved: str
    waiting: str
    closed: str
    error: str
    news: str
    merged: str
    cancelled: str


def seed(stack: Stack) -> Seeded:
    """Record one with a document, an answer and a note, one resolved, one that waits, and some that ended."""
    with stack.intake("hugo.petit") as hugo:
        talked = _new(hugo, "messagerie.envoi", "high", "Les courriels aux familles reviennent.\n\nCode 535.")
        resolved = _new(hugo, "messagerie.acces", "normal", "Mot de passe expiré, oral à 11 h 30.")
        waiting = _new(hugo, "identite.motdepasse", "critical", "Plus aucun compte du secrétariat ne se connecte.")
        closed = _new(hugo, "messagerie.acces", "low", "Ma boîte est pleine.")
        merged = _new(hugo, "messagerie.envoi", "normal", "Les courriels du collège reviennent aussi.")
        cancelled = _new(hugo, "messagerie.acces", "low", "Ma signature a disparu.")
        files = {"file": ("retour.txt", b"550 5.7.1 message refuse", "text/plain")}
        hugo.post(f"/v1/incidents/{talked}/documents", files=files).raise_for_status()
    _await_routed(stack, {talked, resolved, waiting, closed, merged, cancelled})
    with stack.intake("nadia.benali") as nadia:
        _send(nadia, talked, "take")
        _send(nadia, talked, "reply", text="Pouvez-vous me dire à quelle heure cela a commencé ?")
        error, news = _published(nadia), _news(nadia)
        _send(nadia, talked, "link", known_error=error)
        _send(nadia, talked, "note", text="Le serveur sortant a changé de nom lundi.")
        _send(nadia, resolved, "take")
        _send(nadia, resolved, "resolve", text="Le mot de passe est renouvelé, vous pouvez vous connecter.")
        _send(nadia, closed, "close")
        _send(nadia, merged, "merge", into=talked)
        _send(nadia, cancelled, "cancel", text="Retrouvée.")
    with stack.intake("hugo.petit") as hugo:
        _send(hugo, closed, "rate", rating=4, text="Réponse claire, un peu tardive.")
    with stack.intake("sophie.durand") as sophie:
        for group in ("messagerie", "reseau"):
            body = {"url": "https://robots.cecoia.example/incoming", "group": group}
            sophie.post("/v1/webhooks", json=body).raise_for_status()
    return Seeded(talked, resolved, waiting, closed, error, news, merged, cancelled)


def _new(intake: httpx.Client, subject: str, urgency: str, description: str) -> str:
    body = {"phone": "01 99 00 12 34", "availability": "Jusqu’à 17 h", "subject": subject, "urgency": urgency}
    answer = intake.post("/v1/incidents", json={**body, "description": description})
    number: str = answer.raise_for_status().json()["number"]
    return number


def _published(intake: httpx.Client) -> str:
    """A known error, and two more that nobody linked anything to."""
    body = {"workaround": "Envoyez depuis le webmail, qui n’est pas touché.", "subjects": ["messagerie.envoi"]}
    texts = [
        ("Webmail lent le matin", "Les courriels mettent plusieurs minutes à s’ouvrir."),
        ("Comptes bloqués après trois essais", "Le mot de passe est refusé, puis le compte."),
        ("Envoi refusé avec le code 535", "Les courriels aux familles reviennent.\n\nCode 535 dans le message."),
    ]
    for title, symptoms in texts:
        answer = intake.post("/v1/known-errors", json={**body, "title": title, "symptoms": symptoms})
    number: str = answer.raise_for_status().json()["number"]
    return number


def _news(intake: httpx.Client) -> str:
    body = {
        "title": "Messagerie ralentie dans les écoles",
        "text": "Les envois vers l’extérieur prennent du retard depuis ce matin.\n\nUn correctif est en cours.",
        "subjects": ["messagerie.envoi"],
    }
    news: str = intake.post("/v1/news", json=body).raise_for_status().json()["id"]
    return news


def _send(intake: httpx.Client, number: str, command: str, **body: Any) -> None:
    intake.post(f"/v1/incidents/{number}/{command}", json=body).raise_for_status()


def _await_routed(stack: Stack, numbers: set[str], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    with stack.query("nadia.benali") as query:
        while time.monotonic() < end:
            page = query.get("/v1/queues/messagerie", params={"limit": 100}).raise_for_status().json()
            if numbers <= {item["number"] for item in page["items"]}:
                return
            time.sleep(0.2)
    raise TimeoutError(f"not routed within {seconds} s: {numbers}")
