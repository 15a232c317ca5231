"""How Celery's messages travel through Redis: one set of options, for our processes and for programs that connect."""

from typing import Any, Final

#: Redis gives a message to another worker after this; well above the time limit, or tasks would run twice.
VISIBILITY: Final = 900

#: Times in seconds. What the operator gives goes before.
OPTIONS: Final[dict[str, Any]] = {
    "visibility_timeout": VISIBILITY,
    "unacked_restore_interval": 5,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "health_check_interval": 5,
}
