"""What the assistance publishes for everybody: errors whose way round is known. One stream each.

The house speaks here, to whoever signs in: these texts belong to nobody, and stay when their author is forgotten.
"""

from typing import Final

from shared.events.base import Event, Person


class KnownErrorPublished(Event, frozen=True, kw_only=True, tag="KnownErrorPublished.1"):
    """Something is broken, and there is a way to work meanwhile.

    `subjects` are those of the incidents that may come of it.
    """

    number: str
    by: Person
    title: str
    symptoms: str
    workaround: str
    subjects: list[str]


class KnownErrorRetired(Event, frozen=True, kw_only=True, tag="KnownErrorRetired.1"):
    """The error is solved, and `text` tells how; or it should not have been published, and `text` tells why."""

    number: str
    by: Person
    text: str
    solved: bool


ALL: Final[tuple[type[Event], ...]] = (KnownErrorPublished, KnownErrorRetired)
