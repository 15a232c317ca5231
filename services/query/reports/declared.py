"""The reports there are: of which rows each figure is made, and what is reckoned from them.

A figure says which rows it is made of (`rows`) and how it comes of them (`reckoning`); its detail lists the same rows.
Conditions are SQL over the columns of the statement of `composing.sql` that the report reads from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from services.query.reports.axes import COMMON, HOUR, KNOWN_ERRORS, MESSAGE, WEEKDAY, Axis
from shared.wire.reports import Column

_WEEK: Final = 7 * 24 * 60
_THIRTY_DAYS: Final = 30 * 24 * 60


class Figure(NamedTuple):
    """A column of a report.

    Attributes:
        column: its name, label and unit.
        rows: which rows it is made of.
        reckoning: what is reckoned from them; `{rows}` stands for that condition.
        minutes: what each row adds to a figure in minutes.
    """

    column: Column
    rows: str
    reckoning: str = "count(*) filter (where {rows})"
    minutes: str = "null::integer"

    @property
    def expression(self) -> str:
        """The aggregate that gives the figure."""
        return self.reckoning.format(rows=self.rows)


class Declared(NamedTuple):
    """A report.

    Attributes:
        about: what is counted and how, in French.
        source: statement of `composing.sql` that gives its rows.
        facts: which facts these are.
        open_days: whether figures compare with days on which the assistance is open.
    """

    name: str
    title: str
    about: str
    figures: tuple[Figure, ...]
    facts: tuple[str, ...] = ()
    source: str = "facts"
    axes: Mapping[str, Axis] = COMMON
    open_days: bool = False


def _counted(name: str, label: str, rows: str) -> Figure:
    return Figure(Column(name=name, label=label, unit="count"), rows)


def _fact(name: str, label: str, fact: str | None = None) -> Figure:
    return _counted(name, label, f"fact = '{fact or name}'")


def _summed(name: str, label: str, rows: str, minutes: str) -> Figure:
    reckoning = f"coalesce(sum({minutes}) filter (where {{rows}}), 0)"
    return Figure(Column(name=name, label=label, unit="minutes"), rows, reckoning, minutes)


def _percentile(name: str, label: str, share: float, rows: str, minutes: str) -> Figure:
    reckoning = f"percentile_disc({share}) within group (order by {minutes}) filter (where {{rows}})"
    return Figure(
        Column(name=name, label=label, unit="minutes"), f"{rows} and {minutes} is not null", reckoning, minutes
    )


def _ratio(name: str, label: str, rows: str, whole: str, unit: str = "share") -> Figure:
    reckoning = f"(count(*) filter (where {{rows}}))::float8 / nullif(count(*) filter (where {whole}), 0)"
    return Figure(Column(name=name, label=label, unit=unit), rows, reckoning)


def _spread(name: str, label: str, rows: str, minutes: str, *shares: int) -> tuple[Figure, ...]:
    """Median and higher percentiles of the same minutes."""
    words = {50: ("median", "médiane"), 90: ("p90", "90 %"), 99: ("p99", "99 %")}
    return tuple(
        _percentile(f"{name}_{words[share][0]}", f"{label}, {words[share][1]}", share / 100, rows, minutes)
        for share in shares
    )


def _times(name: str, fact: str, label: str, long: str) -> tuple[Figure, ...]:
    rows = f"fact = '{fact}'"
    return (
        _fact(fact, label),
        *_spread(name, f"{long}, temps ouvré", rows, "worked", 50, 90, 99),
        *_spread(f"{name}_clock", f"{long}, temps réel", rows, "elapsed", 50, 90, 99),
    )


def _target(name: str, fact: str, label: str) -> tuple[Figure, ...]:
    met, missed = f"fact = '{fact}' and late = 0", f"fact = '{fact}' and late > 0"
    return (
        _counted(f"{name}_met", f"{label} : tenus", met),
        _counted(f"{name}_missed", f"{label} : manqués", missed),
        _ratio(f"{name}_met_share", f"{label} : part tenue", met, f"fact = '{fact}' and late is not null"),
        *_spread(f"{name}_late", f"{label} : dépassement", missed, "late", 50, 90),
    )


_VOLUMES: Final = Declared(
    "volumes",
    "Volumes d’incidents",
    "Chaque incident compte une fois par colonne, le jour où cela lui est arrivé pour la première fois. Une création "
    "compte pour le premier groupe chargé de l’incident.",
    (
        _fact("created", "Créés"),
        _fact("taken", "Pris en compte"),
        _fact("resolved", "Résolus"),
        _fact("closed", "Clôturés"),
    ),
    ("created", "taken", "resolved", "closed"),
)

_BACKLOG: Final = Declared(
    "backlog",
    "Incidents en cours",
    "Ce qui est ouvert à la fin de chaque période, ou de la dernière journée ; l’âge est le temps écoulé depuis la "
    "création. La période en cours s’arrête à l’instant présent.",
    (
        _counted("open", "Ouverts", "true"),
        _counted("to_handle", "À prendre en compte", "status = 'to_handle'"),
        _counted("in_progress", "En cours", "status = 'in_progress'"),
        _counted("on_hold", "En attente", "status = 'on_hold'"),
        *_spread("age", "Âge", "true", "age", 50, 90),
        _counted("older_7_days", "De plus de 7 jours", f"age >= {_WEEK}"),
        _counted("older_30_days", "De plus de 30 jours", f"age >= {_THIRTY_DAYS}"),
    ),
    source="spells",
)

_TIMES: Final = Declared(
    "times",
    "Délais de prise en compte et de résolution",
    "Du signalement à la première prise en compte et à la première résolution, le jour de celles-ci. Le temps ouvré "
    "suit le calendrier du groupe et ne compte pas les attentes ; le temps réel est celui de l’horloge.",
    (
        *_times("take", "taken", "Pris en compte", "Prise en compte"),
        *_times("resolve", "resolved", "Résolus", "Résolution"),
    ),
    ("taken", "resolved"),
)

_TARGETS: Final = Declared(
    "targets",
    "Délais promis",
    "Un délai est jugé le jour de la première prise en compte ou de la première résolution, d’après ce que le "
    "catalogue promettait alors. Ce qui n’est ni pris en compte ni résolu n’y figure pas encore. Le dépassement est en "
    "temps ouvré.",
    (*_target("take", "taken", "Prise en compte"), *_target("resolve", "resolved", "Résolution")),
    ("taken", "resolved"),
)

_RESOLUTION: Final = Declared(
    "resolution",
    "Qualité des résolutions",
    "Résolu au premier contact : par la première personne qui s’en est chargée, sans transfert, sans attente et avec "
    "une réponse au plus. Un refus ou une réouverture compte avec la première résolution de l’incident, le jour de "
    "celle-ci.",
    (
        _fact("resolved", "Résolus"),
        _fact("first_contact", "Au premier contact"),
        _ratio("first_contact_share", "Part au premier contact", "fact = 'first_contact'", "fact = 'resolved'"),
        _fact("refused", "Résolutions refusées"),
        _ratio("refused_share", "Part refusée", "fact = 'refused'", "fact = 'resolved'"),
        _fact("reopened", "Rouverts"),
        _ratio("reopened_share", "Part rouverte", "fact = 'reopened'", "fact = 'resolved'"),
    ),
    ("resolved", "first_contact", "refused", "reopened"),
)

_TRANSFERS: Final = Declared(
    "transfers",
    "Transferts",
    "Les transferts comptent avec la création de l’incident : le jour, l’objet et le groupe de départ, qui montrent ce "
    "qui arrive au mauvais endroit.",
    (
        _fact("incidents", "Incidents créés", "created"),
        _counted("transferred", "Incidents transférés", "fact = 'transferred' and nth = 1"),
        _fact("transfers", "Transferts", "transferred"),
        _ratio("per_incident", "Transferts par incident", "fact = 'transferred'", "fact = 'created'", "average"),
        _ratio("transferred_share", "Part transférée", "fact = 'transferred' and nth = 1", "fact = 'created'"),
    ),
    ("created", "transferred"),
)

_RHYTHM: Final = Declared(
    "rhythm",
    "Rythme de la semaine",
    "À quelle heure et quel jour de la semaine les incidents arrivent et avancent. Le nombre par jour ouvré ne compte "
    "que les jours où le premier calendrier du catalogue est ouvert : ni fériés, ni fermetures.",
    (
        _fact("created", "Créés"),
        _fact("taken", "Pris en compte"),
        _fact("resolved", "Résolus"),
        Figure(
            Column(name="created_per_open_day", label="Créés par jour ouvré", unit="average"),
            "fact = 'created' and open",
            "case when max(open_days) > 0 then (count(*) filter (where {rows}))::float8 / max(open_days) end",
        ),
    ),
    ("created", "taken", "resolved"),
    axes=COMMON | WEEKDAY | HOUR,
    open_days=True,
)

_REPEATS: Final = Declared(
    "repeats",
    "Demandes répétées",
    "Une demande est répétée quand la même personne en a déjà fait une sur le même objet dans la période.",
    (
        _counted("requesters", "Demandeurs", "first_of_person"),
        _counted("repeat_requesters", "Demandeurs qui reviennent", "first_repeat_of_person"),
        _counted("incidents", "Incidents", "true"),
        _counted("repeat_incidents", "Incidents répétés", "repeated"),
        _ratio("repeat_share", "Part répétée", "repeated", "true"),
    ),
    ("created",),
    source="repeats",
)

_KNOWN_ERRORS: Final = Declared(
    "known-errors",
    "Erreurs connues",
    "Les incidents qu’une erreur connue explique, le jour où ils y ont été rattachés. Le temps perdu est le temps "
    "ouvré de leur création à leur première résolution, ou jusqu’à présent.",
    (
        _counted("incidents", "Incidents", "true"),
        _counted("resolved", "Résolus", "is_resolved"),
        _summed("time_lost", "Temps perdu", "lost is not null", "lost"),
    ),
    ("linked",),
    source="known_errors",
    axes=COMMON | KNOWN_ERRORS,
)

_NOTIFICATIONS: Final = Declared(
    "notifications",
    "Courriels envoyés",
    "Un courriel est en retard quand il est remis plus de cinq minutes après ce qu’il annonce ; un rappel n’a pas de "
    "délai. Un échec a été abandonné, un retour n’a atteint personne.",
    (
        _fact("sent", "Envoyés"),
        _counted("late", "En retard", "fact = 'sent' and late > 0"),
        _fact("failed", "En échec"),
        _fact("bounced", "Revenus"),
        _percentile("delay_median", "Délai, médiane", 0.5, "fact = 'sent'", "elapsed"),
    ),
    ("sent", "failed", "bounced"),
    axes=COMMON | MESSAGE,
)

_SATISFACTION: Final = Declared(
    "satisfaction",
    "Satisfaction",
    "La dernière note que le demandeur a donnée à chaque incident, de 1 à 5, le jour où il l’a donnée. Satisfait : "
    "4 ou 5.",
    (
        _fact("ratings", "Notes", "rated"),
        Figure(
            Column(name="average", label="Note moyenne", unit="average"),
            "fact = 'rated'",
            "sum(case fact when 'rated' then detail::integer end)::float8 / nullif(count(*) filter (where {rows}), 0)",
        ),
        _ratio("satisfied_share", "Part satisfaite", "fact = 'rated' and detail in ('4', '5')", "fact = 'rated'"),
        *(_counted(f"r{n}", f"Notes {n}", f"fact = 'rated' and detail = '{n}'") for n in range(1, 6)),
        _counted("comments", "Commentaires", "fact = 'commented' and detail = 'yes'"),
    ),
    ("rated", "commented"),
)

_ALL: Final = (
    _VOLUMES,
    _BACKLOG,
    _TIMES,
    _TARGETS,
    _RESOLUTION,
    _TRANSFERS,
    _RHYTHM,
    _REPEATS,
    _KNOWN_ERRORS,
    _NOTIFICATIONS,
    _SATISFACTION,
)

REPORTS: Final[dict[str, Declared]] = {report.name: report for report in _ALL}
