"""The texts that agents can begin an answer with."""

from __future__ import annotations

from litestar import get

from services.query.context import Here
from services.query.freshness import Fresh, read_header, wait_projected
from shared.catalogue import Catalogue
from shared.http.identity import AGENTS
from shared.wire_agents import CannedText, CannedTexts


@get("/v1/canned-texts", access=AGENTS)
async def canned_texts(context: Here, fresh: Fresh = None) -> CannedTexts:
    """Les textes types, dans l’ordre du catalogue."""
    await wait_projected(context, "tracking", read_header(fresh))
    return CannedTexts(items=items(await context.catalogue()))


def items(known: Catalogue) -> list[CannedText]:
    """The canned texts that are offered."""
    return [
        CannedText(
            canned=code,
            label=canned.label,
            text=canned.text,
            subjects=list(canned.subjects),
            groups=list(canned.groups),
        )
        for code, canned in known.canned.items()
    ]
