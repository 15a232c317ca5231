"""The worker: Celery's prefork pool around the tasks. Children have a loop, a pool and sessions of their own."""

from __future__ import annotations

import logging
import mmap
import warnings
from typing import Any, Final

from celery import Celery, bootsteps, signals
from celery.exceptions import SecurityWarning

from services.notifier.tasks import register
from services.notifier.work.broker import make_broker
from services.notifier.work.queues import QUEUES
from services.notifier.workshop import Workshop
from shared import logs
from shared.settings import Settings

_CONCURRENCY: Final = 2


class _Flag:
    """A byte that parent and children share: the parent sets it, tasks look at it between two pieces of work."""

    def __init__(self) -> None:
        self._byte = mmap.mmap(-1, 1)

    def raised(self) -> bool:
        return self._byte[0] == 1

    def raise_(self, **_: Any) -> None:
        self._byte[0] = 1


def make_worker(settings: Settings) -> Celery:
    """The application of a worker process, its tasks and what happens at start and end of its children."""
    stopping = _Flag()
    broker = make_broker(settings)
    workshop = Workshop(settings, broker, stopping.raised)
    register(broker, workshop)
    signals.setup_logging.connect(_own_logging, weak=False)
    signals.worker_shutting_down.connect(stopping.raise_, weak=False)
    broker.steps["worker"].add(_at_any_end(stopping))
    signals.worker_process_init.connect(lambda **_: workshop.open(), weak=False)
    signals.worker_process_shutdown.connect(lambda **_: workshop.close(), weak=False)
    return broker


def _at_any_end(stopping: _Flag) -> type[bootsteps.StartStopStep]:
    """What raises the flag as well when Celery gives up by itself; it would wait for its children then for ever."""

    class Raising(bootsteps.StartStopStep):
        def close(self, _worker: Any) -> None:
            stopping.raise_()

    return Raising


def run(settings: Settings) -> int:
    """Work until SIGTERM, which lets the mails in hand finish. Children die with their parent (Celery sees to it).

    Returns:
        The exit code.
    """
    warnings.simplefilter("ignore", SecurityWarning)  # that it runs as root is the operator's choice
    worker = make_worker(settings).Worker(
        concurrency=_CONCURRENCY,
        queues=list(QUEUES.values()),
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    worker.start()
    return worker.exitcode or 0


def _own_logging(**_: Any) -> None:
    """Celery leaves logging alone when somebody answers this signal; its own lines about each task add nothing."""
    logs.configure("worker")
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)
