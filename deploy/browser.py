"""Have a Chromium for the browser tests: `python -m deploy.browser`. Where none can be had, those tests say so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> int:
    """Install a browser unless there is one; never fails, for the tests that need it are the ones to say so."""
    if os.environ.get("CECOIA_CHROMIUM") or any(map(shutil.which, NAMES)) or _playwright_has_one():
        return 0
    print("cecoia: installing Chromium for the browser tests", flush=True)
    steps = [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]]
    if not (os.getuid() == 0 and shutil.which("apt-get") and all(map(_done, steps))):
        _done([sys.executable, "-m", "playwright", "install", "chromium"])
    return 0


def _playwright_has_one() -> bool:
    with sync_playwright() as driver:
        return Path(driver.chromium.executable_path).exists()


def _done(step: list[str]) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(step, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(
            f"cecoia: {' '.join(step[:2])} failed: {(done.stderr.strip().splitlines() or ['no reason'])[-1]}",
            flush=True,
        )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
