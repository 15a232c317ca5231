"""`docs/programs.md` says what programs really get."""

import json
import re
from pathlib import Path

import msgspec

from services.notifier.offers.message import RoutedIncident
from services.notifier.work.queues import OFFER_TASK, programs_queue

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "programs.md").read_text(encoding="utf-8")


def test_its_table_names_every_argument_with_its_meaning() -> None:
    table = PAGE.partition("| Argument | |\n|---|---|\n")[2].partition("\n\n")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", table, re.MULTILINE))
    properties = msgspec.json.schema(RoutedIncident)["$defs"]["RoutedIncident"]["properties"]
    assert list(told) == list(properties)
    assert [name for name, what in properties.items() if not told[name].startswith(what["description"])] == []


def test_its_schema_is_that_of_the_message() -> None:
    schemas = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    assert msgspec.json.schema(RoutedIncident) in schemas


def test_it_names_queue_and_task() -> None:
    assert f"`{OFFER_TASK}`" in PAGE
    assert f"`{programs_queue('<group>')}`" in PAGE


def test_its_paths_exist() -> None:
    paths = re.findall(r"`((?:shared|services|deploy|tests|docs)/[\w./-]+)`", PAGE)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
