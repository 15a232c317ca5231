"""What others did to an incident after an agent had read it and before what they sent arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from services.portal.drafts.forms import whole_number
from shared.wire.incidents import Entry, IncidentDetail

#: What the address of a page says of it: the version that was read, and the command that was not sent.
SINCE: Final = "depuis"
COMMAND: Final = "geste"


class Missed(NamedTuple):
    """A form that was held back because its reader did not know everything.

    Attributes:
        command: of the form.
        since: the version that its page showed.
    """

    command: str
    since: int

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Missed | None:
        """What the address of a page says of it; None where it says nothing, or nothing that makes sense."""
        since = whole_number(asked.get(SINCE, ""))
        return None if since is None else cls(asked.get(COMMAND, ""), since)

    @property
    def query(self) -> dict[str, str]:
        """The inverse of `read`."""
        return {SINCE: str(self.since), COMMAND: self.command}

    def entries(self, incident: IncidentDetail) -> list[Entry]:
        """What the reader has to know before they send the form again."""
        return done_by_others(incident, self.since)


def done_by_others(incident: IncidentDetail, version: int) -> list[Entry]:
    """What others have done to the incident since that version, oldest first.

    The version that a page was made from is not sent itself: mails that are sent and recorded meanwhile move it too.
    """
    later = (entry for entry in incident.timeline if entry.version > version)
    return [entry for entry in later if entry.side != "system" and not entry.by_caller]
