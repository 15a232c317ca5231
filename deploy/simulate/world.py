"""What all lives have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from deploy.simulate.cast import Cast
from services.intake.incident.commands import File
from shared.catalogue import Catalogue
from shared.routing import Route


class Patience(NamedTuple):
    """After how many working days of silence an incident is closed, 0 for never, and how many before that is warned."""

    days: int
    warning: int


class World(NamedTuple):
    """Where incidents happen.

    Attributes:
        cast: who takes part.
        catalogue: says how long things may take, and by which hours.
        routes: where the rules of the notifier send each subject.
        files: documents that lie in the store.
        domain: of Message-IDs.
        patience: when incidents are closed by it.
    """

    cast: Cast
    catalogue: Catalogue
    routes: Mapping[str, Route]
    files: Sequence[File]
    domain: str
    patience: Patience
