"""The Celery application: how work travels to workers. Made from settings, never at import."""

from typing import Final

from celery import Celery
from kombu import Queue
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from services.notifier.work import transport
from services.notifier.work.queues import QUEUES
from shared.settings import Settings

#: What a broker that is away raises.
BROKER_AWAY: Final = (OperationalError, RedisError, OSError)
#: Seconds. A task ends by itself long before: it gives rows back when it is told to stop or the server is away.
TASK_LIMIT: Final = 300


def make_broker(settings: Settings) -> Celery:
    """The application with which messages are sent and received.

    The broker keeps nothing that matters: rows of work are in PostgreSQL, results are events in the journal.
    """
    app = Celery("cecoia", broker=settings.broker_url, set_as_current=False)
    app.conf.update(
        broker_transport_options=transport.OPTIONS | settings.broker_options,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_pool_limit=2,
        task_queues=[Queue(name) for name in QUEUES.values()],
        task_default_queue=next(iter(QUEUES.values())),
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_time_limit=TASK_LIMIT,
        task_publish_retry=False,
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        worker_consumer="services.notifier.work.consumer:Attentive",
        worker_pool="prefork",
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_proc_alive_timeout=30,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        enable_utc=True,
    )
    return app
