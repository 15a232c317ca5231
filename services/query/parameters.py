"""Parameters of the query string: as the schema shows them, and a reader that names every bad one at once.

What they mean is checked where they are used.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from shared.http.problems import FieldError, invalid
from shared.text import has_control

#: No limit is longer, and no longer number is converted.
_DIGITS: Final = 9
#: Nothing was recorded before, nor will be after; beyond lies what clocks and databases cannot tell.
EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
LATEST: Final = datetime(2999, 12, 31, tzinfo=UTC)

_Instant = Annotated[datetime, msgspec.Meta(tz=True)]

_Default = TypeVar("_Default", bound=int | None)

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
) -> Given:
    """Of the tracking view."""
    return _given(status=status, subject=subject, q=q, sort=sort, limit=limit, cursor=cursor, scope=whose)


def for_queues(  # noqa: PLR0917 - Litestar gives them by name
    status: Annotated[Text, _told("Codes séparés par des virgules ; sans rien, ce qui attend.")] = None,
    subject: Annotated[Text, _told("Codes séparés par des virgules.")] = None,
    urgency: Annotated[Text, _told("Codes séparés par des virgules.")] = None,
    responsible: Annotated[Text, _told("Aux mains de qui : `me`, `nobody` ou `others`.")] = None,
    hold: Annotated[Text, _told("Ce qui est attendu : des codes séparés par des virgules.")] = None,
    your_turn: Annotated[Text, _told("`true` : le demandeur a écrit en dernier.")] = None,
    q: Annotated[Text, _told("Des mots, ou un numéro d’incident.")] = None,
    sort: Annotated[Text, _told("Un tri ; un tiret devant l’inverse.")] = None,
    limit: Annotated[Text, _told("De 1 à 100.")] = None,
    cursor: Annotated[Text, _told("Le `next` de la page précédente.")] = None,
) -> Given:
    """Of the queues."""
    return _given(
        status=status,
        subject=subject,
        urgency=urgency,
        responsible=responsible,
        hold=hold,
        your_turn=your_turn,
        q=q,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )


def for_publications(
    which: Annotated[Text, _told("Un état, ou `all`.", "state")] = None,
    subject: Annotated[Text, _told("Un code d’objet.")] = None,
    q: Annotated[Text, _told("Des mots, ou un numéro.")] = None,
    limit: Annotated[Text, _told("De 1 à 100.")] = None,
    cursor: Annotated[Text, _told("Le `next` de la page précédente.")] = None,
) -> Given:
    """Of known errors and news."""
    return _given(state=which, subject=subject, q=q, limit=limit, cursor=cursor)


def for_reports(  # noqa: PLR0917 - Litestar gives them by name
    first: Annotated[Text, _told("Premier jour, compris.", "from")] = None,
    last: Annotated[Text, _told("Dernier jour, compris.", "to")] = None,
    by: Annotated[Text, _told("Axes séparés par des virgules.")] = None,
    at: Annotated[Text, _told("Un instant : le rapport tel qu’il était connu alors.")] = None,
    subject: Annotated[Text, _told("Codes séparés par des virgules.")] = None,
    group: Annotated[Text, _told("Codes séparés par des virgules.")] = None,
    urgency: Annotated[Text, _told("Codes séparés par des virgules.")] = None,
    origin: Annotated[Text, _told("Codes séparés par des virgules.")] = None,
    kind: Annotated[Text, _told("Codes séparés par des virgules.")] = None,
    labels: Annotated[Text, _told("`true` : des libellés à la place des codes (CSV).")] = None,
) -> Given:
    """Of reports."""
    period = {"from": first, "to": last}
    narrowed = _given(subject=subject, group=group, urgency=urgency, origin=origin, kind=kind)
    return narrowed | _given(**period, by=by, at=at, labels=labels)


def for_detail(
    column: Annotated[Text, _told("Un chiffre du rapport ; sans rien, le premier.")] = None,
    limit: Annotated[Text, _told("De 1 à 100.")] = None,
    cursor: Annotated[Text, _told("Le `next` de la page précédente.")] = None,
) -> Given:
    """Of what a figure of a report is made of, besides those of the report."""
    return _given(column=column, limit=limit, cursor=cursor)


def for_feed(  # noqa: PLR0917 - Litestar gives them by name
    after: Annotated[Text, _told("Le `next` ou la `position` d’où reprendre.")] = None,
    kind: Annotated[Text, _told("Types séparés par des virgules.", "type")] = None,
    first: Annotated[Text, _told("Enregistrés depuis ce jour de Paris, ou cet instant.", "from")] = None,
    last: Annotated[Text, _told("Enregistrés jusqu’à ce jour de Paris, compris, ou avant cet instant.", "to")] = None,
    limit: Annotated[Text, _told("De 1 à 1000.")] = None,
    personal: Annotated[Text, _told("`true` : avec les données personnelles, pour le rôle `personal`.")] = None,
) -> Given:
    """Of the event feed."""
    return _given(after=after, type=kind, **{"from": first, "to": last}, limit=limit, personal=personal)


def for_exports(
    form: Annotated[Text, _told("`csv`, `ndjson` ou `parquet`.")] = None,
    month: Annotated[Text, _told("Un mois de Paris, comme `2026-11`.")] = None,
    after: Annotated[Text, _told("La première colonne de la dernière ligne reçue.")] = None,
) -> Given:
    """Of the tables that are taken away."""
    return _given(form=form, month=month, after=after)


#: How routes ask for an instant of the past.
At = Annotated[str | None, QueryParameter(description="Un instant, avec son décalage.")]


class Reader:
    """Reads values one by one and remembers what is wrong with them."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._errors: list[FieldError] = []

    def refuse(self, field: str, message: str) -> None:
        """Say what is wrong with a value."""
        self._errors.append(FieldError(field, message))

    def check(self) -> None:
        """Once everything was read.

        Raises:
            Problem: 422 naming every bad value.
        """
        if self._errors:
            raise invalid(*self._errors)

    def text(self, field: str) -> str:
        """A value without the blanks around it; empty where none is given."""
        return self._given.get(field, "").strip()

    def words(self, field: str) -> list[str]:
        """What stands between commas."""
        return [word for part in self.text(field).split(",") if (word := part.strip())]

    def limit(self, default: _Default, most: int) -> int | _Default:
        """The parameter `limit`, from 1 to `most`; the default where none is given."""
        text = self.text("limit")
        if not text:
            return default
        limit = int(text) if len(text) <= _DIGITS and text.isascii() and text.isdecimal() else 0
        if not 1 <= limit <= most:
            self.refuse("limit", f"La limite est un nombre entre 1 et {most}.")
        return limit

    def instant(self, field: str) -> datetime | None:
        """An instant with its offset, within what can be; None where none is given."""
        if not (text := self.text(field)):
            return None
        try:
            # an unescaped + arrives as a blank
            return min(max(msgspec.convert(text.replace(" ", "+"), _Instant), EARLIEST), LATEST)
        except msgspec.ValidationError:
            self.refuse(field, "L’instant s’écrit comme 2026-11-06T10:49:49+01:00.")
            return None

    def choice(self, field: str, words: Mapping[str, Any], default: str) -> Any:
        """What one of several words stands for."""
        word = self.text(field) or default
        if word not in words:
            self.refuse(field, f"Les valeurs possibles sont : {', '.join(words)}.")
        return words.get(word, words[default])


def read_words(reader: Reader, field: str, most: int) -> str | None:
    """A value of so many characters at most, in writing; None where none is given."""
    text = reader.text(field)
    if len(text) > most:
        reader.refuse(field, f"Cette valeur ne peut pas dépasser {most} caractères.")
    elif has_control(text):
        reader.refuse(field, "Cette valeur contient des caractères qui ne s’écrivent pas.")
    return text or None


def read_instant(field: str, text: str | None) -> datetime | None:
    """An instant with its offset; None where none is given.

    Raises:
        Problem: 422.
    """
    reader = Reader({field: text or ""})
    instant = reader.instant(field)
    reader.check()
    return instant
