"""The queues from which programs take incidents: what lies there, what is put there, what is taken out again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from celery import Celery

from services.notifier.work.queues import OFFER_TASK, programs_queue


class Offer(NamedTuple):
    """One incident as programs are told of it; the id stays the same each time it is offered."""

    id: str
    group: str
    arguments: dict[str, Any]


def publish(broker: Celery, groups: Mapping[str, Sequence[Offer]]) -> None:
    """Put offers into their queues, except those that lie there still.

    Raises:
        kombu.exceptions.OperationalError, redis.exceptions.RedisError, OSError: the broker is away.
    """
    for group, offers in groups.items():
        there = _waiting(broker, group)
        for offer in offers:
            if offer.id not in there:
                broker.send_task(
                    OFFER_TASK, kwargs=offer.arguments, queue=programs_queue(group), task_id=offer.id, retry=False
                )


def withdraw(broker: Celery, groups: Mapping[str, Sequence[Offer]]) -> None:
    """Take offers out of their queues, where no program has fetched them yet.

    Raises:
        redis.exceptions.RedisError, OSError: the broker is away.
    """
    for group, offers in groups.items():
        there = _waiting(broker, group)
        with _redis(broker) as client:
            for offer in offers:
                if offer.id in there:
                    client.lrem(programs_queue(group), 1, there[offer.id])


def _waiting(broker: Celery, group: str) -> dict[str, bytes]:
    """The messages of a queue by their task id, as they lie in Redis."""
    with _redis(broker) as client:
        messages = client.lrange(programs_queue(group), 0, -1)
    return {json.loads(message)["headers"]["id"]: message for message in messages}


@contextmanager
def _redis(broker: Celery) -> Iterator[Any]:
    """The client behind Celery's own connection, so that key prefixes and options are the same."""
    with broker.connection_for_write() as connection:
        channel: Any = connection.default_channel
        yield channel.client
