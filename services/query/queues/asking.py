"""What may be asked of queues, read from the query string; every bad value is named at once."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeVar

from services.query.incidents.listing import LIMIT, ME, MOST, Listing, ListReader
from shared.events.vocabulary import HoldReason, Urgency
from shared.journal.numbers import normalise
from shared.life import OPEN

_HANDS: Final = {"anybody": None, ME: ME, "nobody": "nobody", "others": "others"}
_YES_NO: Final = {"false": False, "true": True}

_Code = TypeVar("_Code", bound=StrEnum)


class _QueueReader(ListReader):
    """Reads what queues have and other lists have not."""

    def codes(self, field: str, known: type[_Code]) -> tuple[_Code, ...]:
        words = self.words(field)
        if any(word not in set(known) for word in words):
            self.refuse(field, f"Les valeurs possibles sont : {', '.join(known)}.")
            return ()
        return tuple(code for code in known if code in words)


def read_queue(given: Mapping[str, str], groups: Sequence[str]) -> Listing:
    """Parameters of queues: `status subject urgency responsible hold your_turn q sort limit cursor`.

    Args:
        given: the parameters; without status, what waits there.
        groups: whose queues.

    Raises:
        Problem: 422 naming every bad value.
    """
    reader = _QueueReader(given)
    search = reader.search()
    listing = Listing(
        statuses=reader.statuses() or OPEN,
        subjects=reader.subjects(),
        search=search,
        number=normalise(search) if search else None,
        everyone=True,
        groups=tuple(groups),
        responsible=reader.choice("responsible", _HANDS, "anybody"),
        urgencies=reader.codes("urgency", Urgency),
        holds=reader.codes("hold", HoldReason),
        your_turn=reader.choice("your_turn", _YES_NO, "false"),
        order=reader.order("pressing"),
        limit=reader.limit(LIMIT, MOST),
    )
    reader.check()
    return listing
