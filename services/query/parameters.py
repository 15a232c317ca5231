"""Parameters of the query string, as the schema shows them; what they mean is checked where they are used."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from shared.http.problems import FieldError, invalid
from shared.journal.records import Position

Given = dict[str, str]
#: How routes ask for them.
Asked = NamedDependency[Given]
Text = str | None


def _given(**values: str | None) -> Given:
    return {name: value for name, value in values.items() if value is not None}


def _told(description: str, name: str | None = None) -> QueryParameter:
    return QueryParameter(name=name, description=description)


def for_lists(  # noqa: PLR0917 - Litestar gives them by name
    status: Annotated[Text, _told("Codes séparés par des virgules, ou `open`, `done`.")] = None,
    subject: Annotated[Text, _told("Codes séparés par des virgules.")] = None,
    q: Annotated[Text, _told("Des mots, ou un numéro d’incident.")] = None,
    sort: Annotated[Text, _told("Un tri ; un tiret devant l’inverse.")] = None,
    limit: Annotated[Text, _told("De 1 à 100.")] = None,
    cursor: Annotated[Text, _told("Le `next` de la page précédente.")] = None,
    whose: Annotated[Text, _told("`own`, ou `all` pour un agent.", "scope")] = None,
    mine: Annotated[Text, _told("`true` : dans une file, ceux dont l’appelant répond.")] = None,
) -> Given:
    """Of the tracking view and the queues."""
    return _given(status=status, subject=subject, q=q, sort=sort, limit=limit, cursor=cursor, scope=whose, mine=mine)


def for_reports(
    first: Annotated[Text, _told("Premier jour, compris.", "from")] = None,
    last: Annotated[Text, _told("Dernier jour, compris.", "to")] = None,
    by: Annotated[Text, _told("Axes séparés par des virgules.")] = None,
    labels: Annotated[Text, _told("`true` : des libellés à la place des codes (CSV).")] = None,
) -> Given:
    """Of reports."""
    return _given(**{"from": first, "to": last}, by=by, labels=labels)


def for_feed(
    after: Annotated[Text, _told("Le `next` ou la `position` d’où reprendre.")] = None,
    kind: Annotated[Text, _told("Types séparés par des virgules.", "type")] = None,
    limit: Annotated[Text, _told("De 1 à 1000.")] = None,
) -> Given:
    """Of the event feed."""
    return _given(after=after, type=kind, limit=limit)


def read_position(text: str) -> Position:
    """A position that left the system before.

    Raises:
        ValueError: it did not.
    """
    return Position.decode(text)


def read_instant(field: str, text: str | None) -> datetime | None:
    """An instant with its offset; None where none is given.

    Raises:
        Problem: 422.
    """
    if not text:
        return None
    try:
        # an unescaped + arrives as a blank
        instant: datetime = msgspec.convert(text.strip().replace(" ", "+"), Annotated[datetime, msgspec.Meta(tz=True)])
    except msgspec.ValidationError:
        message = "L’instant s’écrit comme 2026-11-06T10:49:49+01:00."
        raise invalid(FieldError(field, message)) from None
    return instant
