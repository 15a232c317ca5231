"""What is known against the locked packages, as far as the package index tells: `python -m deploy.audit`.

An index may say, in the JSON that stands beside each release, which vulnerabilities are known of it. Many mirrors leave
that out: then nothing is known, which is not the same as nothing being wrong, and the exit code says so.
"""

from __future__ import annotations

import os
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx

ROOT: Final = Path(__file__).resolve().parent.parent
CLEAN, VULNERABLE, NOT_TOLD = 0, 1, 2
_PIN: Final = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_DEFAULT: Final = re.compile(r"\(default\s+(https?://\S+)\)")


class NotTold(Exception):
    """The index does not say what is known; the text says why."""


def main() -> int:
    """Audit the locks; gives the exit code: 0 nothing known, 1 something known, 2 not told."""
    packages = locked(ROOT / "requirements")
    try:
        found = list(audit(index(), packages))
    except NotTold as why:
        print(f"cecoia: NOT AUDITED: the package index does not tell what is known against a release ({why})")
        return NOT_TOLD
    for line in found:
        print(f"cecoia: {line}")
    print(f"cecoia: {len(packages)} packages audited, {len(found)} vulnerabilities known")
    return VULNERABLE if found else CLEAN


def locked(folder: Path) -> dict[str, str]:
    """Every package of every lock, with its version."""
    return dict(sorted(pin for lock in folder.glob("*.txt") for pin in _PIN.findall(lock.read_text(encoding="utf-8"))))


def index() -> str:
    """Address of the index that pip is configured for, or that it takes by default; may hold a password."""
    if given := os.environ.get("PIP_INDEX_URL") or _pip("config", "get", "global.index-url"):
        return given
    found = _DEFAULT.search(" ".join(_pip("download", "--help").split()))
    if found is None:
        raise NotTold("pip names no index")
    return found[1]


def _pip(*arguments: str) -> str:
    asked = subprocess.run([sys.executable, "-m", "pip", *arguments], capture_output=True, text=True, check=False)
    return asked.stdout.strip() if asked.returncode == 0 else ""


def audit(address: str, packages: Mapping[str, str]) -> Iterator[str]:
    """One line for each known vulnerability.

    Args:
        address: of the index, as pip has it.
        packages: versions by name.

    Raises:
        NotTold: an answer is missing or does not speak of vulnerabilities.
    """
    base = address.rstrip("/").removesuffix("/simple")
    trusted = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
    with httpx.Client(verify=trusted, timeout=20, follow_redirects=True) as client:
        for name, version in packages.items():
            for known in _known(client, f"{base}/pypi/{name}/{version}/json", name):
                fixed = ", ".join(known.get("fixed_in") or ()) or "no release yet"
                yield f"{name} {version}: {known['id']}, fixed in {fixed}"


def _known(client: httpx.Client, address: str, name: str) -> list[dict[str, Any]]:
    """What the index knows against one release; what was withdrawn again is left out."""
    try:
        told = client.get(address).raise_for_status().json()["vulnerabilities"]
    except httpx.HTTPStatusError as error:
        raise NotTold(f"{name}: status {error.response.status_code}") from error
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise NotTold(f"{name}: {type(error).__name__}") from error
    return [known for known in told if not known.get("withdrawn")]


if __name__ == "__main__":
    sys.exit(main())
