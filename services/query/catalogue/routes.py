"""« Où iraient les 500 derniers incidents ? »: the rule that routes them, tried on other routes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, NamedTuple

import msgspec

from services.query.projections import tracking
from services.query.projections.generations import sql
from shared.catalogue import Catalogue
from shared.database import Connection
from shared.http.bodies import Body
from shared.routing import NoRoute, route
from shared.wire.catalogue import DryRun, Flow, MovedIncident

#: How many incidents are looked at, the newest first.
EXAMINED: Final = 500
_NOWHERE: Final = "Aucune équipe"

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class OtherRoutes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/catalogue/dry-run`: the group to which each of these subjects would go."""

    routes: dict[Code, Code]


class Incident(NamedTuple):
    """What routing knows of an incident."""

    number: str
    subject: str
    recorded_at: datetime


async def newest(connection: Connection, schema: str) -> list[Incident]:
    """The incidents that were recorded last, newest first."""
    return [Incident(*row) for row in await connection.fetch(sql(tracking.__file__, schema).newest_subjects, EXAMINED)]


def rerouted(known: Catalogue, body: Body[OtherRoutes]) -> Catalogue:
    """The catalogue with other routes; a group that is about to be defined may be named.

    Raises:
        Problem: 422, there is no such subject.
    """
    for subject in body.values.get("routes", {}):
        if subject not in known.subjects:
            body.refuse(f"routes.{subject[:64]}", "Cet objet n’existe pas.")
    routes = body.done().routes
    return known.after(msgspec.structs.replace(known.subjects[code], group=group) for code, group in routes.items())


def dry_run(incidents: Sequence[Incident], known: Catalogue, other: Catalogue) -> DryRun:
    """Where incidents would go under another catalogue, compared with this one.

    Args:
        incidents: newest first.
        known: the catalogue as it stands.
        other: the same with other routes.
    """
    ways = [(_group(one.subject, known), _group(one.subject, other)) for one in incidents]
    moved = [
        MovedIncident(
            number=one.number,
            subject=one.subject,
            subject_label=known.label(one.subject),
            recorded_at=one.recorded_at,
            from_label=_label(known, before),
            to_label=_label(known, after),
        )
        for one, (before, after) in zip(incidents, ways, strict=True)
        if before != after
    ]
    flows = [
        Flow(
            from_group=before,
            from_label=_label(known, before),
            to_group=after,
            to_label=_label(known, after),
            incidents=number,
        )
        for (before, after), number in Counter(ways).most_common()
    ]
    return DryRun(examined=len(incidents), flows=flows, moved=moved)


def _group(subject: str, catalogue: Catalogue) -> str:
    """The group that would answer; empty for none."""
    try:
        return route(subject, catalogue).group
    except NoRoute:
        return ""


def _label(catalogue: Catalogue, group: str) -> str:
    return catalogue.group_label(group) if group else _NOWHERE
