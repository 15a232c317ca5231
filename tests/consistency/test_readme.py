"""README is true: its commands exist, its variables are read, its paths lead somewhere."""

import importlib.util
import re
from pathlib import Path

import msgspec

from shared.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
VARIABLES = (ROOT / "docs/variables.md").read_text(encoding="utf-8")


def test_it_is_short() -> None:
    assert README.count("\n") < 150


def test_its_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE)) <= targets


def test_its_modules_can_be_run() -> None:
    for module in set(re.findall(r"python -m ([a-z_.]+)", README)):
        found = importlib.util.find_spec(module)
        assert found, module
        assert found.submodule_search_locations is None or importlib.util.find_spec(f"{module}.__main__"), module


def test_its_paths_exist() -> None:
    paths = re.findall(r"`((?:shared|services|deploy|tests|docs|requirements)/[\w./-]*)`", README)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_variables_are_told_and_read() -> None:
    read = {f"CECOIA_{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
    elsewhere = {"CECOIA_CHROMIUM", "CECOIA_SEALS"}  # by the browser tests, by the sealer
    told = set(re.findall(r"CECOIA_[A-Z_]+", VARIABLES + README))
    assert (told - read - elsewhere, read - told) == (set(), set())
