"""Every projection there is, by name."""

from typing import Final

from services.query.generations import Projection
from services.query.tracking import TRACKING
from services.query.volumes import VOLUMES

PROJECTIONS: Final[dict[str, Projection]] = {projection.name: projection for projection in (TRACKING, VOLUMES)}
