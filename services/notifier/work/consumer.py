"""What takes messages from the broker in a worker; it notices when an acknowledgement gets lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from celery.worker.consumer import Consumer
from kombu.message import Message

from shared.logs import logger

_log = logger(__name__)

#: Seconds after which an acknowledgement has been sent: Celery's loop does that in its next round.
_SENT: Final = 1.0


class Attentive(Consumer):
    """Connects to the broker anew when a message could not be acknowledged.

    Celery logs that and goes on, while the message counts as in hand for ever. With as many of them as there are
    children it asks for no more, and since it then waits for nothing either, nothing tells it of its lost connection.
    """

    def call_soon_ack(self, p: Callable[..., None], *args: Any, **kwargs: Any) -> Any:
        """Acknowledge or reject a message, of which `p` is the method for that."""
        self.hub.call_later(_SENT, _check, p.__self__)  # type: ignore[attr-defined]
        return super().call_soon_ack(p, *args, **kwargs)  # type: ignore[misc]


def _check(message: Message) -> None:
    """Raise what Celery answers with a new connection, unless that was made meanwhile."""
    if not message.acknowledged and message.channel is not None and not message.channel.closed:
        _log.warning("acknowledgement_lost")
        raise ConnectionResetError("an acknowledgement was lost")
