"""Every page, light and dark, on a desk and on a telephone: axe finds nothing, nothing scrolls sideways, no refusal."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Visit
from tests.support.axe import violations
from tests.support.places import places
from tests.support.seeding import Seeded
from tests.support.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

DESK, TELEPHONE, NARROWEST = (1280, 900), (390, 844), (320, 640)


def visitors(visit: Visit, size: tuple[int, int], scheme: str) -> dict[str | None, Visitor]:
    options = {"viewport": {"width": size[0], "height": size[1]}, "color_scheme": scheme}
    return {who: visit(who, **options) for who in (None, "hugo.petit", "nadia.benali", "sophie.durand")}


def sideways(page: Page) -> int:
    """How far the page can be scrolled sideways, in pixels."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_axe_finds_nothing_and_the_policy_refuses_nothing(
    visit: Visit, seeded: Seeded, size: tuple[int, int], scheme: str
) -> None:
    people = visitors(visit, size, scheme)
    found = []
    for place in places(seeded):
        page = people[place.who].open(place.path)
        found += [f"{place.name}: {violation}" for violation in violations(page)]
    missing_pages = [
        f"Failed to load resource: the server responded with a status of {status}" for status in (404, 410)
    ]
    found += [
        complaint
        for visitor in people.values()
        for complaint in visitor.complaints
        if not complaint.startswith(tuple(missing_pages))
    ]
    assert found == []


def test_nothing_scrolls_sideways_from_320_pixels_on(visit: Visit, seeded: Seeded) -> None:
    people = visitors(visit, NARROWEST, "light")
    wide = {}
    for place in places(seeded):
        page = people[place.who].open(place.path)
        for width in (320, 390, 600, 830, 1000, 1280, 1600):
            page.set_viewport_size({"width": width, "height": 700})
            if (more := sideways(page)) > 0:
                wide[place.name, width] = more
    assert wide == {}
