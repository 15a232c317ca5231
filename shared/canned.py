"""Canned texts: what may stand in braces in them, and for which incidents they are offered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

#: What is filled in, each with what it stands for.
PLACEHOLDERS: Final[Mapping[str, str]] = {
    "demandeur": "le nom du demandeur",
    "numero": "le numéro de l’incident",
    "objet": "l’objet de l’incident",
    "agent": "le nom de l’agent qui écrit",
    "groupe": "l’équipe qui suit l’incident",
}
_BRACES: Final = re.compile(r"\{([^{}]*)\}")


class Offered(Protocol):
    """A canned text, as event or as answer, as far as it says where it belongs."""

    @property
    def subjects(self) -> Sequence[str]:
        """Codes of subjects."""

    @property
    def groups(self) -> Sequence[str]:
        """Codes of groups."""


def checked(text: str) -> str:
    """The text, if all that stands in braces can be filled in.

    Raises:
        ValueError: something else stands there; in French.
    """
    if unknown := [name for name in _BRACES.findall(text) if name not in PLACEHOLDERS]:
        possible = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValueError(f"Rien ne remplace {{{unknown[0][:40]}}}. Entre accolades sont possibles\u00a0: {possible}.")
    return text


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in; one without a value stays as it is, to be seen.

    What is filled in is not looked through again: nobody's name can bring another placeholder.
    """
    return _BRACES.sub(lambda found: values.get(found[1], found[0]), text)


def suits(canned: Offered, subject: str, group: str | None) -> bool:
    """Whether a canned text is offered for an incident on a subject that waits for a group."""
    if not canned.subjects and not canned.groups:
        return True
    return subject in canned.subjects or group in canned.groups
