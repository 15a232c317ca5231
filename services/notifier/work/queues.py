"""Every queue on the broker, and every task that is sent to one."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The kinds of work there are; the value stands in `notifier.work.kind`."""

    ROUTE = "route"
    MAIL = "mail"
    OFFER = "offer"
    RESUME = "resume"
    WEBHOOK = "webhook"
    ALARM = "alarm"
    SPREAD = "spread"
    SOLVE = "solve"
    BULLETIN = "bulletin"
    TARGET = "target"
    ALERT = "alert"
    SILENCE = "silence"
    WEEKLY = "weekly"


#: The queue, and the task of the same name, for each kind. The worker consumes exactly these queues.
QUEUES: Final[dict[Kind, str]] = {kind: f"notifier.{kind}" for kind in Kind}

#: How many rows one message names at most. Mails are few, so that a slow mail server delays few others; so are messages
#: to webhooks, each of which may take ten seconds of the two minutes that a lease lasts.
BATCH: Final[dict[Kind, int]] = {
    Kind.ROUTE: 100,
    Kind.MAIL: 20,
    Kind.OFFER: 100,
    Kind.RESUME: 100,
    Kind.WEBHOOK: 10,
    Kind.ALARM: 20,
    Kind.SPREAD: 1,
    Kind.SOLVE: 100,
    Kind.BULLETIN: 10,
    Kind.TARGET: 100,
    Kind.ALERT: 20,
    Kind.SILENCE: 100,
    Kind.WEEKLY: 1,
}

#: How many rows may be in flight at a time, so that a backlog waits in the table and not on the broker.
IN_FLIGHT: Final[dict[Kind, int]] = {
    Kind.ROUTE: 2000,
    Kind.MAIL: 400,
    Kind.OFFER: 1000,
    Kind.RESUME: 1000,
    Kind.WEBHOOK: 200,
    Kind.ALARM: 100,
    Kind.SPREAD: 10,
    Kind.SOLVE: 1000,
    Kind.BULLETIN: 100,
    Kind.TARGET: 1000,
    Kind.ALERT: 200,
    Kind.SILENCE: 1000,
    Kind.WEEKLY: 10,
}

#: The task that programs answer to; its name and arguments are a contract.
OFFER_TASK: Final = "agents.incident_routed"


def programs_queue(group: str) -> str:
    """The queue from which the programs of a group take incidents."""
    return f"agents.{group}"
