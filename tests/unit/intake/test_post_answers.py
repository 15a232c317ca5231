"""What the mail server in front of us hears of a fault, and what the log says of it."""

from __future__ import annotations

from typing import cast

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from structlog.testing import capture_logs

from services.intake.post import replies
from services.intake.post.archive import Mail
from services.intake.post.postman import Outcome, Postman
from services.intake.post.server import Handler
from shared.journal.batcher import JournalBusy


class Failing:
    """A postman who always fails in the same way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def receive(self, mail: Mail) -> Outcome:
        """Fail."""
        raise self._error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (JournalBusy(), "mail_postponed"),
        (LookupError("the catalogue is empty"), "mail_postponed"),
        (KeyError("a fault of ours"), "mail_failed"),
        (IndexError("a fault of ours"), "mail_failed"),
    ],
)
async def test_a_fault_of_ours_is_told_whole_and_the_mail_is_sent_again(error: Exception, said: str) -> None:
    handler = Handler(cast("Postman", Failing(error)), "assistance@cecoia.example")
    with capture_logs() as lines:
        reply = await handler.handle_DATA(cast("SMTP", None), cast("Session", None), Envelope())
    assert reply == replies.LATER
    assert [(line["event"], "exc_info" in line) for line in lines] == [(said, said == "mail_failed")]
