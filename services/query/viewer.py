"""Who reads, and what is theirs to read."""

from typing import NamedTuple
from uuid import UUID

from services.query.incidents.fold import State
from shared.http.identity import Caller


class Viewer(NamedTuple):
    """A caller under the pseudonym that the journal knows them by."""

    person: UUID
    caller: Caller

    @property
    def is_agent(self) -> bool:
        """Whether the reader handles incidents."""
        return self.caller.is_agent

    def takes_part(self, state: State) -> bool:
        """Whether the incident is asked for by the reader, or for them."""
        return self.person in {state.requester, state.beneficiary}

    def sees(self, state: State) -> bool:
        """Whether the incident is the reader's to see; elsewhere it does not exist for them."""
        return self.is_agent or self.takes_part(state) or self.person == state.recorded_by

    def answers_for(self, group: str) -> bool:
        """Whether the queue of a group is the reader's."""
        return self.caller.is_supervisor or (self.is_agent and group in self.caller.groups)
