"""The texts that agents can begin an answer with."""

from __future__ import annotations

from shared.catalogue import Catalogue
from shared.wire.agents import CannedText


def items(known: Catalogue) -> list[CannedText]:
    """The canned texts that are offered, in the order of the catalogue."""
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
