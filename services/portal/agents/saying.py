"""What each form of an agent says: its fields, and the body that intake gets of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Final

import msgspec

from services.portal.drafts.receiving import Received
from shared.clock import PARIS
from shared.events.vocabulary import HoldReason
from shared.wire.subjects import SubjectItem

#: Commands that say something, and those among them that may also say nothing.
WITH_TEXT: Final = frozenset({"reply", "note", "resolve", "refuse", "cancel", "reopen", "transfer", "hold", "merge"})
_MAY_BE_SILENT: Final = frozenset({"transfer", "hold", "merge"})
#: Fields of a form besides its text.
CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "reply": frozenset({"then"}),
    "transfer": frozenset({"to"}),
    "hold": frozenset({"reason", "until"}),
    "merge": frozenset({"into", "suggested"}),
    "link": frozenset({"known_error"}),
    "resolve": frozenset({"known_error"}),
}

#: What else a reply may do: the command that then says its text, with what its body has besides.
THEN: Final[Mapping[str, Mapping[str, str]]] = {"hold": {"reason": HoldReason.REQUESTER}, "resolve": {}}


class Unsendable(Exception):
    """The form says too little, or what cannot be sent; `code` is that of the notice that tells so."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def step_of(command: str, received: Received) -> tuple[str, dict[str, str]]:
    """The command that says what the form holds, and its body: a reply may wait for its answer, or resolve.

    Raises:
        Unsendable: there is none yet.
    """
    then = received.posted.get("then", "") if command == "reply" else ""
    if then not in THEN:
        return command, body_of(command, received)
    return then, body_of(then, msgspec.structs.replace(received, posted={**received.posted, **THEN[then]}))


def body_of(command: str, received: Received) -> dict[str, str]:
    """The body for intake.

    Raises:
        Unsendable: there is none yet.
    """
    if command not in WITH_TEXT:
        return _CHOSEN[command](received.posted) if command in _CHOSEN else {}
    text = received.posted.get("text", "").strip()
    if not text and command not in _MAY_BE_SILENT:
        raise Unsendable("vide")
    if received.problems:
        raise Unsendable("refus")
    body = _CHOSEN[command](received.posted) if command in _CHOSEN else {}
    return body | ({"text": text} if text else {})


def _destination(posted: Mapping[str, str]) -> dict[str, str]:
    """`group:reseau` or `subject:reseau.wifi`, as one list offers both."""
    name, _, code = posted.get("to", "").partition(":")
    if name not in {"group", "subject"} or not code:
        raise Unsendable("destination")
    return {name: code}


def _hold(posted: Mapping[str, str]) -> dict[str, str]:
    """The reason, and the beginning in Paris of the day on which the incident resumes by itself."""
    reason, day = posted.get("reason", ""), posted.get("until", "").strip()
    if reason not in set(HoldReason):
        raise Unsendable("attente")
    if not day:
        if reason == HoldReason.DATE:
            raise Unsendable("date")
        return {"reason": reason}
    try:
        until = datetime.combine(date.fromisoformat(day), time(), PARIS)
    except ValueError as error:
        raise Unsendable("date") from error
    return {"reason": reason, "until": until.isoformat()}


def _merge(posted: Mapping[str, str]) -> dict[str, str]:
    """The number that was typed, or else that of a suggestion."""
    number = posted.get("into", "").strip() or posted.get("suggested", "")
    if not number:
        raise Unsendable("autre")
    return {"into": number}


def _explained(posted: Mapping[str, str]) -> dict[str, str]:
    """The known error that explains it, if one was chosen."""
    number = posted.get("known_error", "").strip()
    return {"known_error": number} if number else {}


def _link(posted: Mapping[str, str]) -> dict[str, str]:
    body = _explained(posted)
    if not body:
        raise Unsendable("erreur-connue")
    return body


_CHOSEN: Final[Mapping[str, Callable[[Mapping[str, str]], dict[str, str]]]] = {
    "transfer": _destination,
    "hold": _hold,
    "merge": _merge,
    "link": _link,
    "resolve": _explained,
}


def groups_of(subjects: Sequence[SubjectItem]) -> dict[str, str]:
    """Code and label of the groups that answer for something, in the order of the catalogue."""
    return {subject.group: subject.group_label for subject in subjects}
