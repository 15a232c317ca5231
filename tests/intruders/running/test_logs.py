"""Logs hold neither secrets nor anything personal, whatever goes wrong."""

from __future__ import annotations

import json
import os
import re
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.end_to_end.conftest import Visit
from tests.end_to_end.form import confirmed, fill, send
from tests.support.mails import await_mail
from tests.support.post import US, mail
from tests.support.stack import Stack, free_ports
from tests.support.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

#: Words that no log may hold, in every field that takes text.
SECRET: Final = "Xylophone"
PHONE: Final = "01 99 00 77 77"
PASSWORD: Final = "Xylophone-mot-de-passe"
#: An address with a password in it.
CREDENTIALS: Final = re.compile(r"://[^/\s:@\"']*:[^/\s:@\"']+@")


def logs(stack: Stack) -> Iterator[tuple[str, str]]:
    """Each line of each log, with the log's name."""
    for path in sorted((stack.home / "log").iterdir()):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            yield path.name, line


def use_pages(visit: Visit) -> tuple[str, list[str]]:
    """Everything that the pages offer, once well and once badly; the number, and the cookies' values."""
    claire = visit("claire.martin")
    page = claire.open("/incidents/nouveau")
    fill(page, "messagerie.acces", f"Le {SECRET} ne joue plus.")
    page.get_by_label("Téléphone", exact=True).fill("Xylophone")
    page.get_by_label("Disponibilité").fill(f"{SECRET} à 17 h")
    files = {"name": f"{SECRET}.txt", "mimeType": "text/plain", "buffer": SECRET.encode()}
    page.locator("input[type=file]").first.set_input_files(files)  # type: ignore[arg-type]
    page.get_by_role("button", name=f"Retirer {SECRET}.txt").wait_for()
    send(page)
    page.get_by_role("alert").wait_for()
    page.get_by_label("Téléphone", exact=True).fill(PHONE)
    send(page)
    number = confirmed(page)
    claire.open(f"/incidents?q={SECRET}&cursor={SECRET}")
    claire.open(f"/connexion/retour?code={SECRET}&state={SECRET}")
    claire.open(f"/incidents/{number}?avis={SECRET}")
    return number, [cookie["value"] for cookie in claire.context.cookies() if len(cookie["value"]) > 16]


def use_services(stack: Stack, number: str) -> list[str]:
    """The services, well and badly; the tokens that were used."""
    tokens = []
    with stack.intake("nadia.benali") as nadia, stack.query("nadia.benali") as query:
        tokens += [client.headers["authorization"].partition(" ")[2] for client in (nadia, query)]
        nadia.post(f"/v1/incidents/{number}/take").raise_for_status()
        nadia.post(f"/v1/incidents/{number}/reply", json={"text": f"{SECRET}, dites-vous ?"}).raise_for_status()
        for content in (b"{" + SECRET.encode(), json.dumps({SECRET: SECRET, "text": [SECRET]}).encode(), b"\xff"):
            assert nadia.post(f"/v1/incidents/{number}/reply", content=content).status_code == 422
        assert nadia.post("/v1/uploads", files={"file": (f"{SECRET}/x", b"a")}).status_code == 422
        named = {"beneficiary": {"name": SECRET, "email": f"{SECRET}@"}, "requester": {"name": SECRET, "sub": SECRET}}
        assert nadia.post("/v1/incidents", json=named).status_code == 422
        assert nadia.post("/v1/incidents", headers={"Idempotency-Key": f"{SECRET}é".encode()}).status_code == 422
        query.get("/v1/incidents", params={"q": SECRET, "sort": SECRET, "cursor": SECRET})
        query.get("/v1/incidents", headers={"Min-Event-Position": SECRET})
        query.get("/v1/incidents", headers={"Authorization": f"Bearer {SECRET}.{SECRET}.{SECRET}"})
    return tokens


def write_mails(stack: Stack) -> None:
    """Mail coming in, taken, refused and broken."""
    claire = f"{SECRET} <claire.martin@cecoia.example>"
    with smtplib.SMTP("127.0.0.1", stack.port + 5) as relay:
        relay.send_message(mail(f"Le {SECRET} couine.", claire, Subject=SECRET, Message_ID=f"<{SECRET}@poste.example>"))
        for message in (mail(sender=f"{SECRET}@ailleurs.example"), mail(sender=f"{SECRET}, {SECRET}")):
            with pytest.raises(smtplib.SMTPDataError):
                relay.sendmail("claire.martin@cecoia.example", [US], bytes(message))
        assert relay.docmd(f"{SECRET} {PHONE}")[0] == 500
        relay.mail(f"{SECRET}@cecoia.example")
        assert relay.rcpt(f"{SECRET}@cecoia.example")[0] == 550


def fail_to_sign_in(stack: Stack) -> None:
    form = {"grant_type": "password", "username": "claire.martin", "password": PASSWORD}
    identity = f"http://127.0.0.1:{stack.port + 3}"
    assert httpx.post(f"{identity}/token", data=form, timeout=30).status_code == 400
    program = {"grant_type": "client_credentials", "client_id": "entrepot", "client_secret": PASSWORD}
    assert httpx.post(f"{identity}/token", data=program, timeout=30).status_code == 401
    assert httpx.get(f"{identity}/authorize", params={"state": SECRET}, timeout=30).status_code == 400


def crash(stack: Stack, name: str) -> None:
    """Kill a process of the stack in the middle of its work and wait until it is there again."""
    victim = stack.children()[name]
    victim.kill()
    eventually(lambda: name in (found := stack.children()) and found[name].pid != victim.pid)
    eventually(lambda: all(is_ready(stack.port + offset) for offset in range(3)))


def is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=2).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@pytest.mark.browser
def test_nothing_secret_or_personal_is_logged(stack: Stack, visit: Visit) -> None:
    number, cookies = use_pages(visit)
    tokens = use_services(stack, number)
    write_mails(stack)
    fail_to_sign_in(stack)
    crash(stack, "query")
    with stack.intake("claire.martin") as claire:
        crash(stack, "worker")
        claire.post(f"/v1/incidents/{number}/updates", json={"text": f"Encore le {SECRET}."}).raise_for_status()
    await_mail(stack.home, "claire.martin@cecoia.example", number, "Réponse", seconds=100)
    more, _ = use_pages(visit)
    await_mail(stack.home, "claire.martin@cecoia.example", more, "Création", seconds=100)

    forbidden = {SECRET, SECRET.upper(), PHONE, PHONE.replace(" ", ""), "+33199007777", PASSWORD, *cookies, *tokens}
    forbidden |= {part for token in tokens for part in token.split(".")[1:]}
    forbidden |= {"claire.martin@", "Claire Martin", "nadia.benali@", "Nadia Benali", "Bearer ", "eyJ"}
    told = {word for _, line in logs(stack) for word in forbidden if word in line}
    assert told == set(), [(name, line[:300]) for name, line in logs(stack) if any(word in line for word in told)][:5]
    assert [(name, line[:300]) for name, line in logs(stack) if CREDENTIALS.search(line)] == []
    names = {name for name, _ in logs(stack)}
    assert {"intake.log", "query.log", "portal.log", "worker.log", "relay.log", "projector.log", "post.log"} <= names


COMMANDS: Final = {
    "intake": ("services.intake",),
    "post": ("services.intake", "post"),
    "query": ("services.query",),
    "projector": ("services.query", "project"),
    "relay": ("services.notifier", "relay"),
    "worker": ("services.notifier", "worker"),
    "portal": ("services.portal",),
    "sealer": ("shared.journal", "seal"),
    "migrate": ("shared.journal", "migrate"),
    "verify": ("shared.journal", "verify"),
    "erase": ("services.intake", "erase", "--number", "1000101_0001"),
    "console": ("services.notifier", "work"),
    "prove": ("services.query", "prove", "tracking"),
}
#: Servers that are not there, and one variable that does not fit.
AWAY: Final = {
    "CECOIA_DATABASE_URL": f"postgresql://cecoia:{SECRET}@127.0.0.1:1/cecoia",
    "CECOIA_REDIS_URL": f"redis://:{SECRET}@127.0.0.1:1/0",
    "CECOIA_BROKER_URL": f"redis://:{SECRET}@127.0.0.1:1/1",
    "CECOIA_SMTP_URL": f"smtp://cecoia:{SECRET}@127.0.0.1:1",
    "CECOIA_OIDC_CLIENT_SECRET": SECRET,
}
WRONG: Final = {"CECOIA_DATABASE_URL": f"mysql://cecoia:{SECRET}@127.0.0.1:1/cecoia"}


@pytest.mark.parametrize("wrong", [{}, WRONG], ids=["away", "wrong"])
def test_no_password_of_an_address_is_told(tmp_path: Path, wrong: dict[str, str]) -> None:
    kept = {variable: value for variable, value in os.environ.items() if not variable.startswith("CECOIA_")}
    variables = kept | AWAY | {"CECOIA_PORT": str(free_ports())} | wrong
    # all at once: most of them try for a minute before they say a third line
    running = {name: begin(name, variables, tmp_path / name) for name in COMMANDS}
    try:
        for name, process in running.items():
            eventually(partial(has_spoken, process, tmp_path / name), 100)
    finally:
        for process in running.values():
            process.kill()
            process.wait()
    said = {name: (tmp_path / name / "said").read_text(encoding="utf-8", errors="replace") for name in COMMANDS}
    assert [name for name, text in said.items() if not text] == []
    assert {name: text for name, text in said.items() if SECRET in text} == {}


def begin(name: str, variables: dict[str, str], home: Path) -> subprocess.Popen[bytes]:
    """Start a command in a home of its own; what it says goes there too."""
    home.mkdir()
    with (home / "said").open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", *COMMANDS[name]],
            env=variables | {"CECOIA_HOME": str(home)},
            stdout=output,
            stderr=output,
        )


def has_spoken(process: subprocess.Popen[bytes], home: Path) -> bool:
    return process.poll() is not None or len((home / "said").read_bytes().splitlines()) >= 3
