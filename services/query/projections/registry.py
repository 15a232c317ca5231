"""Every projection there is, by name."""

from typing import Final

from services.query.projections.facts import FACTS
from services.query.projections.generations import Projection
from services.query.projections.knowledge import KNOWLEDGE
from services.query.projections.tracking import TRACKING

_ALL: Final = (TRACKING, FACTS, KNOWLEDGE)

PROJECTIONS: Final[dict[str, Projection]] = {projection.name: projection for projection in _ALL}
