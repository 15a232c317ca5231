"""The tasks that workers answer to, one for each kind of work. They are plain functions, and a test keeps them so."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from celery import Celery

from services.notifier.holds.resuming import resume_all
from services.notifier.knowledge.bulletin import announce_all
from services.notifier.knowledge.solving import solve_all
from services.notifier.knowledge.spreading import spread_all
from services.notifier.mail.posting import post
from services.notifier.offers.offering import offer_all
from services.notifier.routing.router import route_all
from services.notifier.silence.closing import wait_all
from services.notifier.targets.alerts import alert_all
from services.notifier.targets.looking import look_all
from services.notifier.webhooks.alarm import tell_all
from services.notifier.webhooks.delivering import deliver_all
from services.notifier.weekly.sending import report_all
from services.notifier.work.queues import QUEUES, Kind
from services.notifier.workshop import Job, Workshop

JOBS: Final[dict[Kind, Job]] = {
    Kind.ROUTE: route_all,
    Kind.MAIL: post,
    Kind.OFFER: offer_all,
    Kind.RESUME: resume_all,
    Kind.WEBHOOK: deliver_all,
    Kind.ALARM: tell_all,
    Kind.SPREAD: spread_all,
    Kind.SOLVE: solve_all,
    Kind.BULLETIN: announce_all,
    Kind.TARGET: look_all,
    Kind.ALERT: alert_all,
    Kind.SILENCE: wait_all,
    Kind.WEEKLY: report_all,
}


def register(broker: Celery, workshop: Workshop) -> None:
    """Let this application answer to every kind of work."""
    for kind, job in JOBS.items():
        broker.task(name=QUEUES[kind])(_task(workshop, job))


def _task(workshop: Workshop, job: Job) -> Callable[[str, list[int]], None]:
    def run(lease: str, ids: list[int]) -> None:
        workshop.run(job, ids, UUID(lease))

    return run
