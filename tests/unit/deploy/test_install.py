"""The installer speaks to Pythons that are too old, and to those without venv, in one line."""

import sys

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
