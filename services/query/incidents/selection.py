"""Which incidents a list asks for: conditions of the tracking view's SQL and the values of their parameters."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from services.query.incidents.listing import ME, Listing
from services.query.viewer import Viewer

#: Whose incidents are the reader’s, `$1`: as one of the two sides, or recorded for somebody else.
OWN: Final = "(i.requester = $1 or i.beneficiary = $1 or (i.recorded_by = $1 and i.recorded_by <> i.requester))"


class Selection(NamedTuple):
    """Conditions on incidents, called `i`.

    Attributes:
        conditions: all of them are to be fulfilled; in one that speaks of other tables, `{schema}` stands for theirs.
        values: of the parameters; `$1` is the reader.
        within: look only at so many incidents, the next ones in the order of the list; None for all of them.
    """

    conditions: tuple[str, ...]
    values: tuple[Any, ...]
    within: int | None = None

    def where(self, condition: str, *values: Any) -> Selection:
        """Those that also fulfil this; each `{}` is the parameter of a value."""
        names = [f"${len(self.values) + n}" for n in range(1, len(values) + 1)]
        return self._replace(conditions=(*self.conditions, condition.format(*names)), values=(*self.values, *values))

    def among(self, count: int) -> Selection:
        """Those among the next so many."""
        return self._replace(within=count)

    def text(self, schema: str) -> str:
        """The conditions, for the tables of a generation."""
        return " and ".join(self.conditions).replace("{schema}", schema)


def select(listing: Listing, viewer: Viewer) -> Selection:
    """What a list asks for, but for the words to find."""
    chosen = Selection(("$1::uuid is not null" if listing.everyone else OWN,), (viewer.person,))
    chosen = _in_queues(chosen, listing)
    if listing.statuses:
        # Written out: whoever plans the statement then knows how few incidents are open, and that there is an index.
        codes = ", ".join(f"'{status.value}'" for status in sorted(listing.statuses))
        chosen = chosen.where(f"i.status in ({codes})")
    if listing.subjects:
        chosen = chosen.where("i.subject = any({})", list(listing.subjects))
    if listing.number:
        chosen = chosen.where("i.number = {}", listing.number)
    return chosen


#: In whose hands, by the word of the parameter.
_RESPONSIBLE: Final = {
    ME: "i.responsible = $1",
    "nobody": "i.responsible is null",
    "others": "i.responsible <> $1",
}


def _in_queues(chosen: Selection, listing: Listing) -> Selection:
    """What is asked of queues alone."""
    match listing.groups:
        case None:
            pass
        case (group,):  # compared with one value, the index of queues gives its rows in their order
            chosen = chosen.where("i.group_code = {}", group)
        case groups:
            chosen = chosen.where("i.group_code = any({})", list(groups))
    if listing.responsible:
        chosen = chosen.where(_RESPONSIBLE[listing.responsible])
    if listing.urgencies:
        chosen = chosen.where("i.urgency = any({})", list(listing.urgencies))
    if listing.holds:
        chosen = chosen.where("i.hold = any({})", list(listing.holds))
    return chosen.where("i.last_word = 'requester'") if listing.your_turn else chosen
