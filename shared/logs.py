"""One JSON line an event on standard error, the same for our own logs and those of the libraries.

Event names are static, identifiers are fields, and nothing personal is ever a field.
"""

import io
import logging
import os
import sys
from contextlib import suppress
from typing import Any, Final

import msgspec
import structlog

#: Libraries that tell more than an operator needs, with the level from which they are heard. That the database is away
#: our own code says once and in one line, where the pool of connections adds a traceback every second.
_QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "asyncio": logging.WARNING,
    "asyncpg.pool": logging.ERROR,
    "mail.log": logging.ERROR,  # aiosmtpd tells every address
}

#: What every line carries, whoever wrote it.
_FIELDS: Final[list[structlog.typing.Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class _StandardError(io.BytesIO):
    """A file whose lines rather get lost, on a full disk, than stop the work that they tell of."""

    def write(self, line: Any) -> int:
        with suppress(OSError):
            os.write(sys.stderr.fileno(), line)
        return len(line)


def configure(service: str, level: int = logging.INFO) -> None:
    """Send every log record of this process to standard error as JSON.

    Our own lines go there straight, which costs a third of the way through `logging` that those of libraries take.

    Args:
        service: name of the process, a field of each line.
        level: lowest level that is written.
    """

    def add_service(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["service"] = service
        return event

    fields = [*_FIELDS, add_service]
    _configure_libraries(fields, level)
    structlog.configure(
        processors=[
            *fields,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        logger_factory=structlog.BytesLoggerFactory(_StandardError()),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )


def _configure_libraries(fields: list[structlog.typing.Processor], level: int) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=fields,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(quiet)


def _json(event: structlog.typing.EventDict, default: Any = None, **_: Any) -> bytes:
    return msgspec.json.encode(event, enc_hook=default)


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """What a module logs with; made once at its top."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return bound


def bind_request(request_id: str) -> None:
    """Let every log line of this task carry the request's identifier."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)


def current_request() -> str | None:
    """The identifier bound by `bind_request`, to correlate events and outgoing calls."""
    value = structlog.contextvars.get_contextvars().get("request_id")
    return value if isinstance(value, str) else None
