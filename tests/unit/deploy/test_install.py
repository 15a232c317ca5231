"""The installer speaks to Pythons that are too old, and to those without venv, in one line."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from deploy import install


def test_an_old_python_is_told_which_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    with pytest.raises(install.CannotInstall, match=r"Python 3\.11 or newer is needed, this is 3\.9\.18"):
        install.check_python()


def test_a_python_without_venv_is_told_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(install, "VENV", tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(install.CannotInstall, match=r"apt install python3\.\d+-venv"):
        install.make_venv()


def test_the_fingerprint_changes_with_the_level() -> None:
    assert install.fingerprint("runtime") != install.fingerprint("development")


@pytest.mark.parametrize(
    ("level", "free", "said"),
    [
        ("runtime", 40, "the disk is full: 40 MiB free in .*, about 700 are needed"),
        ("development", 900, "the disk is full: 900 MiB free in .*, about 1200 are needed"),
        ("runtime", 900, "installation failed"),
    ],
)
def test_a_full_disk_is_told_with_the_room_that_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, level: str, free: int, said: str
) -> None:
    def failing(files: list[str]) -> None:
        raise install.CannotInstall(f"installation failed ({len(files)} files)")

    monkeypatch.setattr(install, "STAMP", tmp_path / "installed")
    monkeypatch.setattr(install, "make_venv", lambda: None)
    monkeypatch.setattr(install, "synchronise", failing)
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=free * 2**20))
    with pytest.raises(install.CannotInstall, match=said):
        install.install(level)
