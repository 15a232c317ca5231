"""Every page, each loaded once: light and dark, on a desk and on a telephone, from 320 to 1600 pixels, with the keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Visit
from tests.support.axe import violations
from tests.support.places import places
from tests.support.seeding import Seeded

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

DESK, TELEPHONE = (1280, 900), (390, 844)
WIDTHS = (320, 390, 600, 830, 840, 1000, 1080, 1280, 1600)
#: What the console says about a page that tells, with its status, that there is nothing or that the form is wrong.
TOLD = tuple(f"Failed to load resource: the server responded with a status of {status}" for status in (404, 422))


def seen_by_axe(page: Page) -> Iterator[str]:
    """What axe finds on a desk and on a telephone, light and dark; the dark differs by its colours alone."""
    for width, height in (DESK, TELEPHONE):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = violations(page, colours=scheme == "dark")
            yield from (f"{width} {scheme}: {violation}" for violation in found)


def sideways(page: Page) -> Iterator[str]:
    """Widths at which the page can be scrolled sideways."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        more = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if more > 0:
            yield f"scrolls {more} px sideways at {width}"


def keys(page: Page) -> Iterator[str]:
    """Whether Alt+Maj+N leads to the form."""
    with page.expect_navigation():
        page.keyboard.press("Alt+Shift+N")
    if (heading := page.get_by_role("heading", level=1).inner_text()) != "Créer un incident":
        yield f"the keys lead to {heading}"


@pytest.mark.parametrize("who", [None, "hugo.petit", "nadia.benali", "sophie.durand"])
def test_every_page(visit: Visit, seeded: Seeded, who: str | None) -> None:
    visitor = visit(who, reduced_motion="reduce")
    found = []
    for place in places(seeded):
        if place.who != who:
            continue
        page = place.open(visitor)
        found += [f"{place.name}: {finding}" for check in (seen_by_axe, sideways) for finding in check(page)]
        if who and "#" not in place.path:
            found += [f"{place.name}: {finding}" for finding in keys(page)]
    found += [complaint for complaint in visitor.complaints if not complaint.startswith(TOLD)]
    assert found == []
