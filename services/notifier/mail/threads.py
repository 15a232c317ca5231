"""Where a notice stands in the conversation that a mail program shows: below the mails of whoever it goes to.

Mail programs make a thread of what refers to each other (RFC 5256). Everything about an incident refers to one constant
id, and notices to somebody also to what they wrote: the mail that made the incident stands above that id, so that all
hangs together in whichever order it arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.policy import SMTP, EmailPolicy, Policy
from typing import Any, Final
from uuid import UUID

import msgspec

from shared.events.base import ERASED
from shared.events.incident import IncidentCreated, MailReceived
from shared.journal.records import Recorded, in_one_go

#: Mails that a notice refers to besides the one that made the incident: the last ones, as headers have an end.
_ANSWERS: Final = 10


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """The Message-IDs of what the recipient of a notice wrote before it.

    Attributes:
        opening: of the mail that made the incident; None where another door did, or somebody else.
        answers: of their later mails, oldest first.
    """

    opening: str | None = None
    answers: tuple[str, ...] = ()

    def references(self, incident: str) -> list[str]:
        """What a notice refers to, the nearest last.

        Args:
            incident: its constant id.
        """
        return [*([self.opening] if self.opening else []), incident, *self.answers[-_ANSWERS:]]

    def answered(self, incident: str) -> str:
        """What a notice answers: the last mail, if there was one."""
        return [incident, *([self.opening] if self.opening else []), *self.answers][-1]


def thread_of(events: Sequence[Recorded], told: Recorded, person: UUID) -> Thread:
    """What somebody wrote up to an event, and together with it.

    Args:
        events: all of the incident's, oldest first.
        told: the event that a notice tells of.
        person: whom the notice is for.
    """
    mails = [
        (recorded, recorded.event.message_id)
        for recorded in events
        if isinstance(recorded.event, MailReceived)
        and recorded.event.by.id == person
        and recorded.event.message_id not in {None, ERASED}
        and (recorded.version <= told.version or in_one_go(recorded, told))
    ]
    opens = [message_id for recorded, message_id in mails if _opened(events, recorded)]
    return Thread(
        opening=opens[0] if opens else None,
        answers=tuple(message_id for _, message_id in mails if message_id and message_id not in opens),
    )


def _opened(events: Sequence[Recorded], mail: Recorded) -> bool:
    return isinstance(events[0].event, IncidentCreated) and in_one_go(events[0], mail)


class _Ids(UnstructuredHeader, BaseHeader):
    """Message-IDs, each whole: the standard header writes those of more than 76 characters as encoded words."""

    def fold(self, *, policy: Policy[Any]) -> str:
        """The header, one id a line."""
        return f"{self.name}: {f'{policy.linesep} '.join(self.split())}{policy.linesep}"


def _policy() -> EmailPolicy[Any]:
    registry = HeaderRegistry()
    for name in ("in-reply-to", "references"):
        registry.map_to_type(name, _Ids)
    return SMTP.clone(header_factory=registry)


#: How mails are written that refer to others.
THREADED: Final = _policy()
