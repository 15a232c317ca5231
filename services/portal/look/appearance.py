"""How a person wants the pages, as their browser remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

THEME_COOKIE: Final = "cecoia_apparence"
SHORTCUTS_COOKIE: Final = "cecoia_raccourcis"

#: Code -> label of each appearance one may choose.
THEMES: Final = {"system": "Comme mon appareil", "light": "Claire", "dark": "Sombre"}


class Appearance(msgspec.Struct, frozen=True, kw_only=True):
    """`theme` is a code of `THEMES`; `shortcuts` says whether keys such as Alt+Maj+N act."""

    theme: str = "system"
    shortcuts: bool = True


def appearance(cookies: Mapping[str, str]) -> Appearance:
    """What the cookies say; whatever they say, something that exists."""
    theme = cookies.get(THEME_COOKIE, "system")
    return Appearance(
        theme=theme if theme in THEMES else "system", shortcuts=cookies.get(SHORTCUTS_COOKIE, "on") != "off"
    )
