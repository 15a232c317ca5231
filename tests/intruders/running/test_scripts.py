"""What people type is text wherever it comes to light: no page runs it, no mail does, no page shows it in another way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import quote

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.end_to_end.conftest import Visit
from tests.end_to_end.form import asked, confirmed, fill, send
from tests.support.mails import mails
from tests.support.stack import Stack
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

#: Elements, attributes, addresses, images that run, ends of what texts stand in, and templates.
RUN: Final = "window.pwned=1"
NASTY: Final = (
    f"<script>{RUN}</script>\"><img src=x onerror={RUN}>' onfocus='{RUN}' autofocus <svg onload={RUN}>"
    f"</textarea></title></blockquote><iframe srcdoc='<script>parent.{RUN}</script>'></iframe>"
    f"javascript:{RUN} {{{{7*7}}}} ${{7*7}} -->]]> &lt;script&gt;"
)
SHORT: Final = f"\"'><img src=x onerror={RUN}>"
FILE: Final = FilePayload(name=f"{SHORT}.txt", mimeType="text/html", buffer=f"<script>{RUN}</script>".encode())
#: What the console says about a page that tells with its status that there is nothing.
TOLD: Final = tuple(f"Failed to load resource: the server responded with a status of {status}" for status in (404, 422))


def spoken_for(stack: Stack) -> str:
    """An incident all of whose texts are nasty, taken, answered and resolved; its number."""
    body = {"phone": "01 99 00 12 34", "availability": NASTY[:500], "subject": "messagerie.acces", "urgency": "high"}
    body |= {"description": NASTY, "beneficiary": {"name": SHORT, "email": "beneficiaire@cecoia.example"}}
    with stack.intake("hugo.petit") as hugo:
        number = str(hugo.post("/v1/incidents", json=body).raise_for_status().json()["number"])
        hugo.post(f"/v1/incidents/{number}/updates", json={"text": NASTY}).raise_for_status()
        files = {"file": (FILE["name"], FILE["buffer"], FILE["mimeType"])}
        hugo.post(f"/v1/incidents/{number}/documents", files=files).raise_for_status()
    with stack.intake("sophie.durand") as sophie:
        until_routed(stack, number)
        for command, text in (("take", None), ("reply", NASTY), ("resolve", NASTY)):
            said = {} if text is None else {"text": text}
            sophie.post(f"/v1/incidents/{number}/{command}", json=said).raise_for_status()
    return number


def until_routed(stack: Stack, number: str) -> None:
    with stack.query("sophie.durand") as query:
        eventually(lambda: query.get(f"/v1/incidents/{number}").raise_for_status().json()["group"])


def pages(number: str) -> Iterator[tuple[str, str]]:
    """Who opens what."""
    said = quote(NASTY)
    for path in (
        "/",
        "/incidents",
        f"/incidents?q={said}",
        f"/incidents?status={said}&subject={said}&sort={said}&cursor={said}",
        f"/incidents/{number}",
        f"/incidents/{number}?avis={said}&brouillon={said}",
        f"/incidents/{number}#maj",
        f"/incidents/{number}/confirmation",
        f"/incidents/nouveau?type={said}&objet={said}",
        f"/incidents/ouverts?subject={said}",
        f"/connexion?retour=/&echec={said}&conserve={said}",
        f"/{said.replace('/', '')}",
        f"/preferences?enregistre={said}",
    ):
        yield "hugo.petit", path
    for path in ("/", "/files", "/files/messagerie", f"/files/messagerie?incident={number}", f"/incidents/{number}"):
        yield "nadia.benali", path
    for path in (f"/rapports/volumes?by={said}", "/rapports/volumes", f"/rapports/evenements?type={said}", "/rapports"):
        yield "sophie.durand", path


class Watched:
    """Somebody whose pages are looked at for what ran on them."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.found = visitor, list[str]()
        visitor.page.on("dialog", self._heard)
        visitor.context.add_init_script(
            "addEventListener('securitypolicyviolation', e => (window.refused = e.blockedURI))"
        )

    def _heard(self, dialog: Any) -> None:
        self.found.append(f"dialog on {self.visitor.page.url}")
        dialog.dismiss()

    def look(self, what: str) -> None:
        """Note what ran on the page, what its policy had to refuse, and what stands in it as an element."""
        page = self.visitor.page
        ran = page.evaluate("[window.pwned, window.refused].filter(x => x !== undefined)")
        elements = page.locator(
            "script:not([src]), img[src=x], iframe, svg[onload], [onfocus], a[href^=javascript]"
        ).count()
        if ran or elements:
            self.found.append(f"{what}: {ran}, {elements} elements")


def test_no_page_runs_what_was_typed(stack: Stack, visit: Visit) -> None:
    number = spoken_for(stack)
    watched: dict[str, Watched] = {}
    for who, path in pages(number):
        if who not in watched:
            watched[who] = Watched(visit(who))
        watched[who].visitor.open(path)
        watched[who].look(f"{who} {path[:60]}")
    hugo = watched["hugo.petit"]
    page = hugo.visitor.open(f"/incidents/{number}")
    assert page.get_by_text("{{7*7}}").count() >= 4  # description, update, reply, solution: as typed
    expect(page.get_by_role("link", name=re.compile("onerror")).first).to_be_visible()
    see_live(stack, page, number)
    hugo.look("live")
    for one in watched.values():
        assert one.found == []
        assert [said for said in one.visitor.complaints if not said.startswith(TOLD)] == []


def see_live(stack: Stack, page: Page, number: str) -> None:
    """A change that comes while the page is open is text, too."""
    before = page.get_by_text("{{7*7}}").count()
    with stack.intake("sophie.durand") as sophie:
        sophie.post(f"/v1/incidents/{number}/reply", json={"text": NASTY}).raise_for_status()
    expect(page.get_by_text("{{7*7}}")).to_have_count(before + 1)


def test_no_form_runs_what_is_typed_into_it(visit: Visit) -> None:
    claire = Watched(visit("claire.martin"))
    page = claire.visitor.open("/incidents/nouveau")
    fill(page, "messagerie.envoi", NASTY)
    page.get_by_label("Téléphone", exact=True).fill(SHORT)
    page.get_by_label("Disponibilité").fill(NASTY[:400])
    page.locator("input[type=file]").first.set_input_files(FILE)
    expect(page.get_by_role("button", name=re.compile("Retirer .*onerror"))).to_be_visible()
    claire.look("chosen")
    send(page)
    expect(page.get_by_role("alert")).to_be_visible()
    claire.look("refused")
    expect(page.get_by_label("Description")).to_have_value(NASTY)
    page.get_by_label("Téléphone", exact=True).fill("01 99 00 12 34")
    send(page)
    if asked(page):
        claire.look("asked")
    number = confirmed(page)
    claire.look("confirmed")
    claire.visitor.open("/incidents/nouveau")
    page.get_by_label("Objet de votre demande").select_option("messagerie.envoi")
    expect(page.get_by_text(number).first).to_be_visible()
    claire.look("alike")
    assert claire.found == []


def test_no_mail_runs_what_was_typed(stack: Stack) -> None:
    number = spoken_for(stack)

    def arrived() -> list[EmailMessage]:
        return [mail for mail in mails(stack.home) if number in mail["Subject"]]

    eventually(lambda: len(arrived()) >= 4)  # two confirmations, a reply, a solution
    for mail in arrived():
        html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
        tags = set(re.findall(r"<([a-z!/][a-z0-9]*)", html))
        assert not tags & {"script", "img", "iframe", "svg", "object", "form"}
        assert not re.search(r"<[^>]*\son[a-z]+=", html)
        assert mail["Bcc"] is None
