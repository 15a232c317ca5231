"""The program itself: takes what is offered in its group's queue, and ends what is in its hands.

Whoever runs under the same name is the same agent to CeCoIA, so that one process may end what another has begun. Each
looks at its start, and then every so often, for what is in their hands; the keys of the commands see to it that each
happens once.
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

import httpx
from celery import Celery, signals
from kombu import Queue

from deploy.robot.answering import commands, wants
from deploy.robot.centre import Centre

#: The contract's name of the task, and of a group's queue.
TASK: Final = "agents.incident_routed"
QUEUE: Final = "agents.{}"
#: Seconds in which a round that is under way comes to its end.
_LAST_ROUND: Final = 6.0

_log = logging.getLogger(__name__)


class Program:
    """Answers the incidents of a group.

    Args:
        centre: to read and act.
        group: whose queue it serves.
    """

    def __init__(self, centre: Centre, group: str) -> None:
        self._centre = centre
        self._group = group

    def offered(self, number: str, position: str, subject: str, urgency: str, **_: Any) -> None:
        """Take an incident and answer it; leave what is not for it, or what somebody else has.

        What fails on the way is offered again, or found by the next round. Fields that the message may get later are
        not looked at.
        """
        if wants(subject, urgency) and self._centre.send(number, "take", position, {}):
            self.go_on(number)

    def go_on(self, number: str) -> None:
        """Do what an incident in our hands needs, as far as that was not done yet."""
        incident = self._centre.read(number)
        for command, body in commands(incident):
            if not self._centre.send(number, command, incident.turn, body):
                _log.info("%s: %s is not possible any more", number, command)
                return
            _log.info("%s: %s", number, command)

    def round(self) -> None:
        """Go on with everything in our hands; what fails waits for the next round."""
        try:
            for number in self._centre.in_hand(self._group):
                self._try(number)
        except httpx.HTTPError as error:
            _log.warning("CeCoIA does not answer: %s", type(error).__name__)

    def _try(self, number: str) -> None:
        """Go on with an incident; one that is refused keeps no other from its turn."""
        try:
            self.go_on(number)
        except httpx.HTTPStatusError as error:
            _log.warning("%s: answered with %s", number, error.response.status_code)


def run(program: Program, group: str, broker: str, options: dict[str, Any], every: float) -> int:
    """Serve until SIGTERM, which lets the incident in hand be answered.

    Args:
        program: does the work.
        group: whose queue is read.
        broker: its address.
        options: of Celery's transport, the same as everybody else's.
        every: seconds between two rounds.

    Returns:
        The exit code.
    """
    stop = threading.Event()
    rounds = threading.Thread(target=_rounds, args=(program, every, stop), name="rounds")
    rounds.start()
    try:
        worker = _consumer(program, group, broker, options).Worker(
            pool="solo", without_gossip=True, without_mingle=True, without_heartbeat=True, quiet=True
        )
        worker.start()
    finally:
        stop.set()
        rounds.join(_LAST_ROUND)
    return worker.exitcode or 0


def _rounds(program: Program, every: float, stop: threading.Event) -> None:
    while True:
        program.round()
        if stop.wait(every):
            return


def _consumer(program: Program, group: str, broker: str, options: dict[str, Any]) -> Celery:
    """A message is acknowledged after the work: what a killed process had fetched goes to another one."""
    signals.setup_logging.connect(lambda **_: None, weak=False)  # Celery leaves logging to us
    app = Celery("robot", broker=broker, set_as_current=False)
    app.conf.update(
        broker_transport_options=options,
        broker_connection_retry_on_startup=True,
        task_queues=[Queue(QUEUE.format(group))],
        task_acks_late=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
    )
    app.task(name=TASK)(program.offered)
    return app
