"""How tasks are declared: Celery would take a coroutine, call it a success, and never run it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from services import notifier
from services.notifier.tasks import JOBS, register
from services.notifier.work.broker import TASK_LIMIT, make_broker
from services.notifier.work.queues import BATCH, IN_FLIGHT, QUEUES, Kind
from services.notifier.work.transport import VISIBILITY
from services.notifier.workshop import Workshop
from shared.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        database_url="postgresql://nowhere",
        broker_url="redis://nowhere",
        broker_options={"global_keyprefix": "cecoia:"},
        redis_url="redis://nowhere",
        smtp_url="smtp://nowhere",
        documents_url="file:///nowhere",
        oidc_issuer="http://nowhere",
        portal_url="http://nowhere",
        intake_url="http://nowhere",
        query_url="http://nowhere",
    )


def test_no_task_is_a_coroutine(settings: Settings) -> None:
    app = make_broker(settings)
    register(app, Workshop(settings, app, lambda: False))
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert set(ours) == set(QUEUES.values())
    assert not any(
        inspect.iscoroutinefunction(task.run) or inspect.isasyncgenfunction(task.run) for task in ours.values()
    )


def test_a_worker_consumes_every_queue_and_no_other(settings: Settings) -> None:
    app = make_broker(settings)
    assert set(app.amqp.queues) == set(QUEUES.values())
    assert set(JOBS) == set(QUEUES) == set(BATCH) == set(IN_FLIGHT) == set(Kind)
    assert len(set(QUEUES.values())) == len(Kind)


def test_queues_are_named_in_one_place() -> None:
    service = Path(notifier.__file__).parent
    naming = [path.name for path in service.rglob("*.py") if re.search(r'"(notifier|agents)\.', path.read_text())]
    assert naming == ["queues.py"]


def test_settings_of_the_broker(settings: Settings) -> None:
    conf = make_broker(settings).conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.result_backend is None
    assert conf.worker_pool == "prefork"
    assert not conf.task_publish_retry
    assert not conf.worker_cancel_long_running_tasks_on_connection_loss
    assert VISIBILITY > 2 * TASK_LIMIT
    assert conf.broker_transport_options["unacked_restore_interval"] == 5
    assert conf.broker_transport_options["health_check_interval"] == 5
    assert conf.broker_transport_options["global_keyprefix"] == "cecoia:"
