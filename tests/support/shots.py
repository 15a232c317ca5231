"""Pictures of every page, on a desk and on a telephone, light and dark: `python -m tests.support.shots FOLDER [NAME…]`.

Starts a stack of its own with a few incidents in it. With names, only those pages (see `places`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.support.places import places
from tests.support.seeding import Seeded, seed
from tests.support.stack import Stack, running_stack
from tests.support.visitor import Visitor

SIZES: Final = {"desk": (1280, 900), "telephone": (390, 844)}
SCHEMES: Final = ("light", "dark")
#: Pages that fill the window and scroll inside.
CONSOLES: Final = frozenset({"file", "file-filtree", "file-vide"})


def take(browser: Browser, stack: Stack, seeded: Seeded, folder: Path, names: set[str]) -> int:
    """Take the pictures; returns how many."""
    taken = 0
    for size, (width, height) in SIZES.items():
        for scheme in SCHEMES:
            people: dict[str | None, Visitor] = {}
            for place in places(seeded):
                if names and place.name not in names:
                    continue
                if place.who not in people:
                    people[place.who] = _visitor(browser, stack, place.who, scheme, (width, height))
                page = place.open(people[place.who])
                whole = "#" not in place.path and not (size == "desk" and place.name in CONSOLES)
                page.screenshot(path=folder / f"{place.name}-{size}-{scheme}.png", full_page=whole)
                taken += 1
            for visitor in people.values():
                visitor.context.close()
    return taken


def _visitor(browser: Browser, stack: Stack, who: str | None, scheme: str, size: tuple[int, int]) -> Visitor:
    viewport = {"width": size[0], "height": size[1]}
    context = browser.new_context(
        locale="fr-FR",
        timezone_id="Europe/Paris",
        color_scheme=scheme,
        viewport=viewport,  # type: ignore[arg-type]
    )
    visitor = Visitor(context, stack.portal)
    if who:
        visitor.sign_in(who)
    return visitor


def main() -> int:
    """Take pictures into the folder that is given."""
    if len(sys.argv) < 2:
        sys.stderr.write(__doc__ or "")
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with running_stack() as stack, chromium() as browser:
        taken = take(browser, stack, seed(stack), folder, set(sys.argv[2:]))
    sys.stdout.write(f"{taken} pictures in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
