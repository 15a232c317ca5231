"""What axe finds wrong on a page, in words."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_AXE = Axe()


def violations(page: Page) -> list[str]:
    """One line a violation: the rule, what it says, and the elements."""
    found = _AXE.run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: " + ", ".join(node["html"][:160] for node in one["nodes"][:4]) for one in found
    ]
