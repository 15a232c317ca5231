"""What holds for every file of the tree."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Folders of one machine. The names are put together so that this file does not hold them itself.
MACHINE = re.compile("|".join(f"/{folder}/" for folder in ("wo" + "rk", "ro" + "ot", "ho" + "me")) + "|py" + r"pi\.org")


def files() -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    yield from (ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


def text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_file_names_a_machine_or_an_index() -> None:
    found = {str(path.relative_to(ROOT)): MACHINE.findall(text(path)) for path in files()}
    assert {name: words for name, words in found.items() if words} == {}


def test_services_stay_shallow() -> None:
    """A service is a few modules and a few packages; a package holds modules of one subject, never packages."""
    crowded = {}
    for folder in (ROOT / "services").rglob("*"):
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        if len(modules) > 14:
            crowded[str(folder.relative_to(ROOT))] = len(modules)
    deep = [str(path.relative_to(ROOT)) for path in (ROOT / "services").glob("*/*/*/**/*.py")]
    assert (crowded, deep) == ({}, [])
