"""What may be asked of a list of incidents, read from the query string; every bad value is named at once."""

from collections.abc import Mapping
from typing import Final

import msgspec

from services.query.incidents.cursors import SORTS, Order, is_sort, read_cursor
from services.query.parameters import Reader
from shared.events.vocabulary import HoldReason, Status, Urgency
from shared.journal.numbers import normalise
from shared.life import OPEN, RUNNING
from shared.text import has_control

LIMIT: Final = 20
MOST: Final = 100
_SEARCH_LENGTH: Final = 200

#: In whose hands: the word for the caller's.
ME: Final = "me"

#: Words for several statuses at once.
_GROUPS: Final[dict[str, frozenset[Status]]] = {"open": RUNNING, "done": frozenset(Status) - RUNNING}


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Which incidents, in which order. Empty filters let everything through.

    Attributes:
        search: words to find; None for no search.
        number: an incident number that the search turned out to be.
        everyone: not only the caller's own.
        groups: only those that one of them answers for; None for all.
        responsible: in whose hands: `me`, `nobody`, `others`; None for all.
        urgencies: only those.
        holds: only those on hold for one of these reasons.
        your_turn: only those whose requester wrote last.
    """

    statuses: frozenset[Status] = frozenset()
    subjects: tuple[str, ...] = ()
    search: str | None = None
    number: str | None = None
    everyone: bool = False
    groups: tuple[str, ...] | None = None
    responsible: str | None = None
    urgencies: tuple[Urgency, ...] = ()
    holds: tuple[HoldReason, ...] = ()
    your_turn: bool = False
    order: Order = Order("-updated_at")
    limit: int = LIMIT

    @property
    def is_short(self) -> bool:
        """Whether few incidents are in question however many there are: somebody's own, or none but open ones."""
        return not self.everyone or self.responsible == ME or self.is_open

    @property
    def is_open(self) -> bool:
        """Whether none but open incidents are in question."""
        return frozenset() < self.statuses <= OPEN


class ListReader(Reader):
    """Reads what lists have and other answers have not."""

    def statuses(self) -> frozenset[Status]:
        """The parameter `status`."""
        found: set[Status] = set()
        for word in self.words("status"):
            if word in _GROUPS:
                found |= _GROUPS[word]
            elif word in set(Status):
                found.add(msgspec.convert(word, Status))
            else:
                self.refuse("status", f"Le statut « {word[:40]} » n’existe pas.")
        return frozenset(found)

    def subjects(self) -> tuple[str, ...]:
        """The parameter `subject`."""
        words = tuple(self.words("subject"))
        if any(has_control(word) for word in words):
            self.refuse("subject", "L’objet contient des caractères qui ne s’écrivent pas.")
            return ()
        return words

    def search(self) -> str | None:
        """The parameter `q`; None where nothing is searched."""
        text = self.text("q")
        if len(text) > _SEARCH_LENGTH:
            self.refuse("q", f"La recherche ne peut pas dépasser {_SEARCH_LENGTH} caractères.")
        elif has_control(text):
            self.refuse("q", "La recherche contient des caractères qui ne s’écrivent pas.")
        return text or None

    def order(self, default: str) -> Order:
        """The parameters `sort` and `cursor`."""
        sort = self.text("sort") or default
        if not is_sort(sort):
            self.refuse("sort", f"Les tris possibles sont : {', '.join(SORTS)}, précédés ou non d’un tiret.")
            return Order(default)
        cursor = self.text("cursor")
        try:
            return read_cursor(cursor, sort) if cursor else Order(sort)
        except ValueError:
            self.refuse("cursor", "Ce curseur n’est pas celui d’une liste triée ainsi.")
            return Order(sort)


def read_list(given: Mapping[str, str], *, is_agent: bool) -> Listing:
    """Parameters of the tracking view: `status subject q sort limit cursor`, and `scope` for agents.

    Raises:
        Problem: 422 naming every bad value.
    """
    reader = ListReader(given)
    search = reader.search()
    everyone = reader.choice("scope", {"own": False, "all": True}, "own")
    if everyone and not is_agent:
        reader.refuse("scope", "Vous ne pouvez consulter que vos incidents.")
    listing = Listing(
        statuses=reader.statuses(),
        subjects=reader.subjects(),
        search=search,
        number=normalise(search) if search else None,
        everyone=everyone,
        order=reader.order("-updated_at"),
        limit=reader.limit(LIMIT, MOST),
    )
    reader.check()
    return listing
