"""Which group an incident waits for: a pure function of its subject and the catalogue.

The notifier routes by it, and query says by it where incidents would go under another catalogue.
"""

from typing import Final, NamedTuple

from shared.catalogue import Catalogue
from shared.typography import french

#: The subject whose group takes what no rule knows.
FALLBACK: Final = "autre"


class Route(NamedTuple):
    """A decision: which group, the rule that chose it (`subject:<code>` or `fallback`), and why, in French."""

    group: str
    rule: str
    why: str


class NoRoute(Exception):
    """The catalogue names no group for this subject, nor one for everything else. It may later."""


def route(subject: str, catalogue: Catalogue) -> Route:
    """Choose the group that answers for a subject.

    Args:
        subject: code that stands in the incident; it may have been retired since.
        catalogue: what there is to choose from.

    Raises:
        NoRoute: the catalogue has neither this subject nor the fallback.
    """
    known = catalogue.subjects.get(subject)
    if known is not None:
        group = catalogue.group_label(known.group)
        why = f"L’objet «\u00a0{known.label}\u00a0» est suivi par le groupe «\u00a0{group}\u00a0»."
        return Route(known.group, f"subject:{subject}", french(why))
    other = catalogue.subjects.get(FALLBACK)
    if other is None:
        raise NoRoute(subject)
    group = catalogue.group_label(other.group)
    why = f"L’objet de la demande n’est pas au catalogue\u00a0: le groupe «\u00a0{group}\u00a0» l’oriente."
    return Route(other.group, "fallback", french(why))
