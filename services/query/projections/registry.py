"""Every projection there is, by name."""

from typing import Final

from services.query.projections.generations import Projection
from services.query.projections.knowledge import KNOWLEDGE
from services.query.projections.tracking import TRACKING
from services.query.projections.volumes import VOLUMES

_ALL: Final = (TRACKING, VOLUMES, KNOWLEDGE)

PROJECTIONS: Final[dict[str, Projection]] = {projection.name: projection for projection in _ALL}
