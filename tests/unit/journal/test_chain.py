from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from shared.journal.chain import digest, first_link, next_link

SAID: dict[str, Any] = {
    "event_id": UUID(int=1),
    "kind": "IncidentRouted",
    "schema": 1,
    "recorded_at": datetime(2018, 11, 6, 10, 49, 49, 123456, tzinfo=UTC),
    "meta": b"{}",
    "data": b'{"group":"postes"}',
}


@pytest.mark.parametrize(
    "change",
    [
        {"event_id": UUID(int=2)},
        {"kind": "IncidentRoute"},
        {"schema": 2},
        {"recorded_at": SAID["recorded_at"] + timedelta(microseconds=1)},
        {"meta": b"{ }"},
        {"data": b'{"group":"reseau"}'},
        {"meta": b'{}{"group"', "data": b':"postes"}'},
    ],
)
def test_a_digest_tells_every_difference(change: dict[str, Any]) -> None:
    assert digest(**SAID | change) != digest(**SAID)


def test_an_instant_is_the_same_in_every_zone() -> None:
    paris = SAID["recorded_at"].astimezone(timezone(timedelta(hours=1)))
    assert digest(**SAID | {"recorded_at": paris}) == digest(**SAID)


def test_the_format_is_for_ever() -> None:
    link = next_link(first_link(UUID(int=9)), 1, digest(**SAID))
    assert link.hex() == "b426ffdfb15b11c6d66e14a6296208c6305a200482c79ae2f4f07687dcd656ec"
