"""The whole system and a browser in front of it, for the tests that look at it as people do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import BrowserMissingError, chromium

READY = 120  # seconds that a cold start may take here, with two cores shared by everything
PORTS = 8


class Stack(NamedTuple):
    """A running system: where its data and mails lie, and where people reach it."""

    home: Path
    portal: str


def _free_ports() -> int:
    """The first of eight neighbouring free ports of the loopback, below those that the kernel hands out by itself."""
    for first in range(18000 + os.getpid() % 1000 * 10, 32000, PORTS):
        try:
            taken = [socket.create_server(("127.0.0.1", first + n)) for n in range(PORTS)]
        except OSError:
            continue
        for one in taken:
            one.close()
        return first
    raise RuntimeError("no eight neighbouring free ports")


def _logs(home: Path) -> str:
    return "\n".join(
        f"── {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in sorted(home.glob("log/*.log"))
    )


def _await_ready(process: subprocess.Popen[bytes], portal: str, home: Path, said: Path) -> None:
    """Wait until the portal answers for itself and for those behind it."""
    end = time.monotonic() + READY
    while time.monotonic() < end:
        assert process.poll() is None, (
            f"the stack ended while starting\n{said.read_text(errors='replace')}\n{_logs(home)}"
        )
        try:
            if httpx.get(f"{portal}/health/ready", timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"the stack was not ready within {READY} s\n{said.read_text(errors='replace')}\n{_logs(home)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        pytest.fail("the stack did not stop within 20 s")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The stack as `make run` starts it, in a home of its own on ports of its own, without the limits per person."""
    with tempfile.TemporaryDirectory(prefix="cecoia-e", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        port = _free_ports()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CECOIA_")}
        environment = kept | {"CECOIA_HOME": str(home / "home"), "CECOIA_PORT": str(port), "CECOIA_LIMITS": "off"}
        said = home / "said"
        with said.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "deploy.run"], env=environment, stdout=output, stderr=output
            )
        try:
            portal = f"http://127.0.0.1:{port}"
            _await_ready(process, portal, home / "home", said)
            yield Stack(home / "home", portal)
        finally:
            _stop(process)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium for the tests of a module; without one they are skipped loudly, and in CI they fail."""
    try:
        with chromium() as started:
            yield started
    except BrowserMissingError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


class Visitor:
    """Somebody at a browser of their own. What the console complains of is kept, refusals of the policy among it."""

    def __init__(self, context: BrowserContext, portal: str) -> None:
        self.page: Page = context.new_page()
        self.context = context
        self.complaints: list[str] = []
        self._portal = portal
        context.on(
            "console", lambda said: said.type == "error" and self.complaints.append(f"{said.text} ({self.page.url})")
        )
        context.on("weberror", lambda error: self.complaints.append(f"{error.error} ({self.page.url})"))

    def sign_in(self, username: str) -> None:
        """Go to the front page and come in through the identity provider."""
        self.page.goto(self._portal)
        self.fill_in_identity(username)
        expect(self.page.get_by_role("navigation", name="Support et Assistance")).to_be_visible()

    def fill_in_identity(self, username: str) -> None:
        """On the page of the portal that offers to sign in, or on the identity provider's own."""
        offer = self.page.get_by_role("link", name="Se connecter").or_(
            self.page.get_by_role("button", name="Se connecter")
        )
        if not self.page.get_by_label("Mot de passe").count():
            offer.first.click()
        self.page.get_by_label("Identifiant").fill(username)
        self.page.get_by_label("Mot de passe").fill("demo")
        self.page.get_by_role("button", name="Se connecter").click()

    def open(self, path: str) -> Page:
        """Go to an address of the portal."""
        self.page.goto(self._portal + path)
        return self.page


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser, stack: Stack) -> Iterator[Visit]:
    """Make visitors: `visit("claire.martin", viewport=…)` is signed in, `visit()` is nobody yet."""
    contexts: list[BrowserContext] = []

    def make(username: str | None = None, **options: object) -> Visitor:
        context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", **options)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        visitor = Visitor(context, stack.portal)
        if username:
            visitor.sign_in(username)
        return visitor

    expect.set_options(timeout=15_000)
    yield make
    for context in contexts:
        context.close()
