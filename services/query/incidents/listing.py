"""What may be asked of a list of incidents, read from the query string; every bad value is named at once."""

from collections.abc import Mapping
from typing import Final

import msgspec

from services.query.incidents.cursors import SORTS, Order, is_sort, read_cursor
from services.query.parameters import Reader
from shared.events.vocabulary import Status
from shared.journal.numbers import normalise
from shared.life import OPEN, RUNNING
from shared.text import has_control

LIMIT: Final = 20
MOST: Final = 100
_SEARCH_LENGTH: Final = 200

#: Words for several statuses at once.
_GROUPS: Final[dict[str, frozenset[Status]]] = {"open": RUNNING, "done": frozenset(Status) - RUNNING}


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Which incidents, in which order. Empty filters let everything through.

    Attributes:
        search: words to find; None for no search.
        number: an incident number that the search turned out to be.
        everyone: not only the caller's own.
        group: only those that a group answers for.
        mine: only those in the caller's hands.
    """

    statuses: frozenset[Status] = frozenset()
    subjects: tuple[str, ...] = ()
    search: str | None = None
    number: str | None = None
    everyone: bool = False
    group: str | None = None
    mine: bool = False
    order: Order = Order("-updated_at")
    limit: int = LIMIT

    @property
    def is_short(self) -> bool:
        """Whether few incidents are in question however many there are: somebody's own, or none but open ones."""
        return not self.everyone or self.mine or frozenset() < self.statuses <= OPEN


class _ListReader(Reader):
    """Reads what lists have and other answers have not."""

    def statuses(self) -> frozenset[Status]:
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
        words = tuple(self.words("subject"))
        if any(has_control(word) for word in words):
            self.refuse("subject", "L’objet contient des caractères qui ne s’écrivent pas.")
            return ()
        return words

    def search(self) -> str | None:
        text = self.text("q")
        if len(text) > _SEARCH_LENGTH:
            self.refuse("q", f"La recherche ne peut pas dépasser {_SEARCH_LENGTH} caractères.")
        elif has_control(text):
            self.refuse("q", "La recherche contient des caractères qui ne s’écrivent pas.")
        return text or None

    def order(self, default: str) -> Order:
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
    reader = _ListReader(given)
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


def read_queue(given: Mapping[str, str], group: str) -> Listing:
    """Parameters of a queue: `status subject q sort limit cursor mine`; without status, what waits there.

    Raises:
        Problem: 422 naming every bad value.
    """
    reader = _ListReader(given)
    search = reader.search()
    listing = Listing(
        statuses=reader.statuses() or OPEN,
        subjects=reader.subjects(),
        search=search,
        number=normalise(search) if search else None,
        everyone=True,
        group=group,
        mine=reader.choice("mine", {"false": False, "true": True}, "false"),
        order=reader.order("pressing"),
        limit=reader.limit(LIMIT, MOST),
    )
    reader.check()
    return listing
