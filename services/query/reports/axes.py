"""What figures can be split by, and narrowed to."""

from typing import Final, NamedTuple

from shared.events.vocabulary import Kind, Labelled, Origin, Urgency


class Axis(NamedTuple):
    """Something to split figures by.

    Attributes:
        label: in French.
        unit: of its values.
        column: of the rows that a report is made of.
        of_days: whether a day alone decides it.
    """

    label: str
    unit: str
    column: str
    of_days: bool = False


DAYS: Final[dict[str, Axis]] = {
    "day": Axis("Jour", "day", "day", of_days=True),
    "week": Axis("Semaine", "label", "week", of_days=True),
    "month": Axis("Mois", "label", "month", of_days=True),
    "year": Axis("Année", "label", "year", of_days=True),
    "school-year": Axis("Année scolaire", "label", "school_year", of_days=True),
}
CELLS: Final[dict[str, Axis]] = {
    "subject": Axis("Objet", "code", "subject"),
    "group": Axis("Groupe", "code", "group_code"),
    "urgency": Axis("Urgence", "code", "urgency"),
    "origin": Axis("Origine", "code", "origin"),
    "kind": Axis("Nature", "code", "kind"),
}
WEEKDAY: Final = {"weekday": Axis("Jour de la semaine", "label", "weekday", of_days=True)}
HOUR: Final = {"hour": Axis("Heure", "label", "hour")}
KNOWN_ERROR: Final = "known-error"
KNOWN_ERRORS: Final = {KNOWN_ERROR: Axis("Erreur connue", "code", "detail")}
MESSAGE: Final = {"message": Axis("Message", "code", "detail")}

#: What every report can be split by.
COMMON: Final[dict[str, Axis]] = DAYS | CELLS
#: Closed lists of codes; other codes are the catalogue's.
CODES: Final[dict[str, type[Labelled]]] = {"urgency": Urgency, "origin": Origin, "kind": Kind}

_URGENCIES: Final = ", ".join(f"'{urgency}'" for urgency in Urgency)


def order(axis: Axis) -> str:
    """The expression that rows are ordered by; urgencies from the least to the most."""
    return f"array_position(array[{_URGENCIES}], {axis.column})" if axis.column == "urgency" else axis.column
