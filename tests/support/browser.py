"""A real Chromium: the system's where there is one, Playwright's own otherwise."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS: Final = (
    "--no-sandbox",
    "--lang=fr-FR",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)
MISSING: Final = (
    "NO BROWSER: no Chromium on this machine and Playwright has none either, so NOTHING that people see was tested. "
    "Install Debian's `chromium`, or run `python -m playwright install chromium`."
)


class BrowserMissingError(RuntimeError):
    """There is no Chromium to drive."""


def _executable(driver: Playwright) -> str:
    given = os.environ.get("CECOIA_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    own = driver.chromium.executable_path
    if given:
        return given
    if Path(own).exists():
        return own
    raise BrowserMissingError(MISSING)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser and stop it.

    Raises:
        BrowserMissingError: there is none.
    """
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_executable(driver), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
