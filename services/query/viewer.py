"""Who reads, and which queues are theirs."""

from typing import NamedTuple
from uuid import UUID

from shared.http.identity import Caller


class Viewer(NamedTuple):
    """A caller under the pseudonym that the journal knows them by."""

    person: UUID
    caller: Caller

    @property
    def is_agent(self) -> bool:
        """Whether the reader handles incidents."""
        return self.caller.is_agent

    def answers_for(self, group: str) -> bool:
        """Whether the queue of a group is the reader's."""
        return self.caller.is_supervisor or (self.is_agent and group in self.caller.groups)
