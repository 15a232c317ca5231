"""What axe finds wrong on a page, in words."""

from __future__ import annotations

from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_ALL: Final = {"resultTypes": ["violations"]}
#: The rules that another colour scheme can break.
_COLOURS: Final = _ALL | {"runOnly": ["color-contrast", "link-in-text-block"]}


def violations(page: Page, *, colours: bool = False) -> list[str]:
    """One line a violation: the rule, what it says, and the elements.

    Args:
        page: what is looked at.
        colours: whether only its colours are: enough for what was looked at in another colour scheme.
    """
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate("axe.run.bind(axe)", _COLOURS if colours else _ALL)["violations"]
    return [
        f"{one['id']}: {one['help']}: " + ", ".join(node["html"][:160] for node in one["nodes"][:4]) for one in found
    ]
