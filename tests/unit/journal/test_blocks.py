"""A block covers everything of its events, and a seal everything before it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.journal.blocks import NOTHING, Block, seal, seal_rows
from shared.journal.records import Position

NOON = datetime(2018, 11, 6, 11, 0, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "xid": 7,
    "position": 3,
    "stream_id": UUID(int=9),
    "version": 1,
    "event_id": UUID(int=1),
    "type": "IncidentRouted",
    "schema": 1,
    "recorded_at": NOON,
    "number": "1181106_0230",
    "data": '{"group":"postes"}',
    "meta": "{}",
}
BLOCK = Block(1, Position(7, 3), Position(8, 4), 2, bytes(32), NOON, b"")


@pytest.mark.parametrize(
    "change",
    [
        {"xid": 8},
        {"position": 4},
        {"stream_id": UUID(int=8)},
        {"version": 2},
        {"event_id": UUID(int=2)},
        {"type": "IncidentTaken"},
        {"schema": 2},
        {"recorded_at": NOON + timedelta(microseconds=1)},
        {"number": None},
        {"data": "{}"},
        {"meta": "{ }"},
    ],
)
def test_a_root_tells_every_difference(change: dict[str, Any]) -> None:
    rows: Any = [EVENT], [EVENT | change]
    assert seal_rows(NOTHING, rows[0], NOON).root != seal_rows(NOTHING, rows[1], NOON).root


@pytest.mark.parametrize(
    "change",
    [
        {"number": 2},
        {"first": Position(7, 2)},
        {"last": Position(9, 4)},
        {"events": 3},
        {"root": bytes(31) + b"1"},
        {"sealed_at": NOON + timedelta(microseconds=1)},
    ],
)
def test_a_seal_tells_every_difference(change: dict[str, Any]) -> None:
    assert seal(NOTHING, BLOCK) != seal(NOTHING, BLOCK._replace(**change))


def test_a_seal_tells_what_stands_before() -> None:
    assert seal(NOTHING, BLOCK) != seal(NOTHING._replace(seal=bytes(31) + b"1"), BLOCK)


def test_the_format_is_for_ever() -> None:
    rows: Any = [EVENT]
    assert (
        seal_rows(NOTHING, rows, NOON).seal.hex() == "62baafb9b03f4b78c7a76b40ae609e68658c10e190ec38557d91cec0429b4222"
    )
