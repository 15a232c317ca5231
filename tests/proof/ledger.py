"""What clients sent and what they were told: the claims that the journal is held to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class Kind(StrEnum):
    """The commands of the load."""

    CREATE = "create"
    UPDATE = "update"
    ATTACH = "document"
    REPLY = "reply"


class File(NamedTuple):
    """A file as a client sends it."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Of its bytes, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


class Answer(NamedTuple):
    """What a 201 said."""

    number: str
    version: int


@dataclass
class Command:
    """A command, however often it was sent.

    Attributes:
        key: its Idempotency-Key; it stands in its texts and file names too, so that the journal tells its own.
        who: account of the sender.
        number: incident it is about; None for a new one.
        body: JSON; None for files.
        answer: of the first 201; None while it was not acknowledged.
        refused: the final no, where there was one.
        failed: what a 500 said, where there was one; it was sent again.
        tries: times it was sent.
    """

    key: str
    kind: Kind
    who: str
    number: str | None = None
    body: dict[str, Any] | None = None
    files: tuple[File, ...] = ()
    answer: Answer | None = None
    refused: str | None = None
    failed: str | None = None
    tries: int = 0

    @property
    def text(self) -> str:
        """What the sender wrote; empty for files alone."""
        body = self.body or {}
        return str(body.get("description") or body.get("text") or "")


@dataclass
class Ledger:
    """Every command of a run, in the order in which they were first sent."""

    commands: list[Command] = field(default_factory=list)

    def created(self, who: str | None = None) -> list[str]:
        """Numbers of the incidents that were acknowledged, of one requester or of all."""
        return [
            command.answer.number
            for command in self.commands
            if command.kind is Kind.CREATE and command.answer and who in {None, command.who}
        ]


def mark(key: str) -> str:
    """How a command's key stands in its texts and file names."""
    return f"preuve-{key}"
