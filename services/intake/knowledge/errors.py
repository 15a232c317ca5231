"""The life of a known error: what may be done with it, and what it has become. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.intake.incident.deciding import Refusal
from shared.events.base import Event, Person
from shared.events.knowledge import KnownErrorPublished, KnownErrorRetired
from shared.events.vocabulary import KnownErrorState


def state_after(events: Iterable[Event]) -> KnownErrorState | None:
    """What a known error has become; None where the events publish none."""
    state: KnownErrorState | None = None
    for event in events:
        match event:
            case KnownErrorPublished():
                state = KnownErrorState.OPEN
            case KnownErrorRetired(solved=solved):
                state = end(solved=solved)
            case _:
                pass
    return state


def end(*, solved: bool) -> KnownErrorState:
    """What a known error is once it was retired."""
    return KnownErrorState.SOLVED if solved else KnownErrorState.WITHDRAWN


def retire(events: Sequence[Event], by: Person, text: str, *, solved: bool) -> KnownErrorRetired:
    """Let a known error explain nothing more.

    Args:
        events: all that happened to it.
        by: who retires it.
        text: how it was solved, or why it should not have been published.
        solved: which of the two.

    Raises:
        Refusal: there is none, or it was retired before.
    """
    first = events[0] if events else None
    if not isinstance(first, KnownErrorPublished):
        raise unknown()
    if state_after(events) is not KnownErrorState.OPEN:
        raise Refusal("retired", "Cette erreur connue est déjà retirée.")
    return KnownErrorRetired(number=first.number, by=by, text=text, solved=solved)


def unknown() -> Refusal:
    """404: no such known error."""
    return Refusal("not-found", "Cette erreur connue n’existe pas.", 404)


def check_links(state: KnownErrorState | None, *, resolves: bool) -> None:
    """Make sure that an incident may be linked to a known error.

    Args:
        state: of the known error; None where there is none.
        resolves: whether the incident is resolved by it; one that is solved then serves as well.

    Raises:
        ValueError: it may not; in French.
    """
    if state is None:
        raise ValueError("Cette erreur connue n’existe pas.")
    if state is KnownErrorState.WITHDRAWN or (state is KnownErrorState.SOLVED and not resolves):
        raise ValueError(f"Cette erreur connue est {state.label.lower()}\u00a0: elle n’explique plus d’incident.")
