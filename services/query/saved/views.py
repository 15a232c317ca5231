"""Views that agents saved: a queue and its filters, under a name."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from services.query.saved.shelf import Named, Saved, Shelf
from shared.wire.queues import SavedView

_Text = Annotated[str, msgspec.Meta(max_length=500)]


class Filters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The parameters of a queue; empty ones do not count."""

    status: _Text = ""
    subject: _Text = ""
    urgency: _Text = ""
    responsible: _Text = ""
    hold: _Text = ""
    your_turn: _Text = ""
    q: _Text = ""
    sort: _Text = ""


class View(Named, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/me/views`: `group` is None for all queues of the person."""

    group: _Text | None = None
    filters: Filters = Filters()
    is_default: bool = False


VIEWS: Final = Shelf("queue", View, "vues")


def item(saved: Saved[View]) -> SavedView:
    """A view as it is told; empty filters are left out."""
    said = saved.said
    filters = {name: value for name, value in msgspec.structs.asdict(said.filters).items() if value}
    return SavedView(id=saved.id, name=said.name, group=said.group, filters=filters, is_default=saved.is_default)
