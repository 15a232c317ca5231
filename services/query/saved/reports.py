"""Reports that managers saved: which one and how it is asked, under a name."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from services.query.saved.shelf import Name, Named, Saved, Shelf
from shared.wire.saved import SavedReport

_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
_Text = Annotated[str, msgspec.Meta(max_length=200)]


class ReportForm(Named, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/me/reports`: `params` are those of the page that shows it, whose own they are."""

    report: _Code
    params: Annotated[dict[_Code, _Text], msgspec.Meta(max_length=20)] = msgspec.field(default_factory=dict)


class NewName(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `PATCH /v1/me/reports/{report}`."""

    name: Name


REPORTS: Final = Shelf("report", ReportForm, "rapports")


def item(saved: Saved[ReportForm]) -> SavedReport:
    """A report as it is told."""
    return SavedReport(id=saved.id, name=saved.said.name, report=saved.said.report, params=saved.said.params)
