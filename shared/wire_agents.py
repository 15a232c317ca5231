"""What query answers to agents alone: one struct per answer, as in `shared.wire`."""

from __future__ import annotations

from shared.wire import Answer


class CannedText(Answer, frozen=True, kw_only=True):
    """A text to begin an answer with; `subjects` and `groups` say for which incidents, both empty for all."""

    canned: str
    label: str
    text: str
    subjects: list[str]
    groups: list[str]


class CannedTexts(Answer, frozen=True, kw_only=True):
    """The canned texts in the order of the catalogue."""

    items: list[CannedText]
