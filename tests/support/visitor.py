"""Somebody at a browser of their own."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect


class Visitor:
    """A person and their pages. What the console complains of is kept, refusals of the policy among it."""

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
        self.identify(username)
        expect(self.page.get_by_role("navigation", name="Support et Assistance")).to_be_visible()

    def identify(self, username: str) -> None:
        """Go through the portal's offer to sign in, if it stands there, and the identity provider's page."""
        if not self.page.get_by_label("Mot de passe").count():
            button = self.page.get_by_role("button", name="Se connecter")
            self.page.get_by_role("link", name="Se connecter").or_(button).first.click()
        self.page.get_by_label("Identifiant").fill(username)
        self.page.get_by_label("Mot de passe").fill("demo")
        self.page.get_by_role("button", name="Se connecter").click()

    def open(self, path: str) -> Page:
        """Go to an address of the portal; an address that differs by its anchor alone is loaded too."""
        if path.startswith(f"{self.page.url.removeprefix(self._portal).partition('#')[0]}#"):
            self.page.goto("about:blank")
        self.page.goto(self._portal + path)
        return self.page

    def status(self, path: str) -> int:
        """What the portal answers to this person for an address."""
        return self.context.request.get(self._portal + path).status
