"""How a mail program makes threads of mails: RFC 5256, section 2.2 "REFERENCES", steps 1 to 3 (Zawinski's algorithm)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Posted(NamedTuple):
    """A mail as threads are made of it: its id, and what it refers to, the nearest last."""

    id: str
    references: Sequence[str] = ()


@dataclass
class Node:
    """A mail, or one that is only known by name."""

    id: str
    here: bool = False
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)

    def above(self) -> list[Node]:
        return [self, *self.parent.above()] if self.parent else [self]

    def mails(self) -> list[str]:
        """Ids of the mails here and below."""
        return [self.id] * self.here + [mail for child in self.children for mail in child.mails()]


def threads(mails: Iterable[Posted]) -> list[Node]:
    """The roots of the threads that mails make, in the order in which they arrive."""
    nodes: dict[str, Node] = {}

    def node(name: str) -> Node:
        return nodes.setdefault(name, Node(name))

    for mail in mails:
        for older, newer in zip(mail.references, mail.references[1:], strict=False):
            if node(newer).parent is None:
                _link(node(older), node(newer))
        own = node(mail.id)
        own.here = True
        _unlink(own)
        if mail.references:
            _link(node(mail.references[-1]), own)
    return [one for one in nodes.values() if one.parent is None and one.mails()]


def _link(parent: Node, child: Node) -> None:
    if child not in parent.above() and parent not in _below(child):
        child.parent = parent
        parent.children.append(child)


def _below(node: Node) -> list[Node]:
    return [node, *(one for child in node.children for one in _below(child))]


def _unlink(node: Node) -> None:
    if node.parent is not None:
        node.parent.children.remove(node)
        node.parent = None
