"""What an agent looks at: which queue, filtered and ordered how. All of it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from services.portal.look.typography import lower_first
from shared.events.vocabulary import HoldReason, Status, Urgency
from shared.life import OPEN
from shared.typography import NBSP, french
from shared.wire.subjects import SubjectItem

ROOT: Final = "/files"
#: Stands in the address in the place of a group, for all groups of the agent; no group may be called so.
ALL: Final = "toutes"
_LONGEST: Final = 200

#: Code -> label of what may be chosen for each filter and for the order; nothing chosen stands first.
STATUSES: Final = {"": "Tous", **{status.value: status.label for status in Status if status in OPEN}}
HANDS: Final = {"": "Tous", "me": "Moi", "nobody": "Personne", "others": "Un collègue"}
URGENCIES: Final = {"": "Toutes", **{urgency.value: urgency.label for urgency in reversed(Urgency)}}
WAITS: Final = {
    "": "Peu importe",
    "answered": "Le demandeur a écrit",
    **{reason.value: f"Attend {reason.label}" for reason in HoldReason},
}
SORTS: Final = {
    "pressing": "Le plus pressant",
    "recorded_at": "Le plus ancien",
    "-recorded_at": "Le plus récent",
    "-updated_at": "Dernière mise à jour",
}
#: What each key of the console does.
KEYS: Final = {
    "j": "L’incident suivant de la file",
    "k": "L’incident précédent",
    "p": "Prendre le suivant",
    "t": "Prendre en charge celui qui est ouvert",
    "x": "Le choisir, avec d’autres",
    "r": "Répondre au demandeur",
    "n": "Noter en interne",
    "?": "Afficher ces touches",
}


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A queue as somebody looks at it; `group` is empty for all queues of the agent."""

    group: str = ""
    status: str = ""
    responsible: str = ""
    subject: str = ""
    urgency: str = ""
    wait: str = ""
    q: str = ""
    sort: str = "pressing"

    @classmethod
    def of(cls, group: str, given: Mapping[str, str]) -> View:
        """Read the address; what does not exist counts as not given."""

        def known(name: str, codes: Mapping[str, str], usual: str = "") -> str:
            return code if (code := given.get(name, usual)) in codes else usual

        return cls(
            group="" if group == ALL else group,
            status=known("status", STATUSES),
            responsible=known("responsible", HANDS),
            subject=given.get("subject", "")[:_LONGEST],
            urgency=known("urgency", URGENCIES),
            wait=known("wait", WAITS),
            q=given.get("q", "").strip()[:_LONGEST],
            sort=known("sort", SORTS, "pressing"),
        )

    @classmethod
    def at(cls, address: str) -> View:
        """The view that an address of ours shows; all queues without filters where it shows none."""
        parts = urlsplit(address)
        place = parts.path.removeprefix(f"{ROOT}/")
        group = ALL if place == parts.path or "/" in place else unquote(place)
        return cls.of(group, dict(parse_qsl(parts.query)))

    @property
    def path(self) -> str:
        """The queue's own address."""
        return f"{ROOT}/{quote(self.group or ALL, safe='')}"

    @property
    def filters(self) -> dict[str, str]:
        """What is filtered and how it is ordered, by name in the address; what is usual is left out."""
        fields = msgspec.structs.asdict(self)
        return {name: value for name, value in fields.items() if name != "group" and value != _USUAL[name]}

    @property
    def is_narrow(self) -> bool:
        """Whether something is filtered or searched."""
        return bool(self.filters.keys() - {"sort"})

    def address(self, **more: str) -> str:
        """The page with this view, and something else that it shows: `incident`, `suite`, `avis`."""
        query = {**self.filters, **{name: value for name, value in more.items() if value}}
        return f"{self.path}?{urlencode(query)}" if query else self.path

    def but(self, **changes: str) -> View:
        """The same with other filters."""
        return msgspec.structs.replace(self, **changes)

    def asked(self) -> dict[str, str]:
        """The parameters that query is asked with."""
        waits = {"your_turn": "true"} if self.wait == "answered" else {"hold": self.wait}
        named = {name: getattr(self, name) for name in ("status", "responsible", "subject", "urgency", "q", "sort")}
        return {name: value for name, value in {**named, **waits}.items() if value}

    def words(self, subjects: list[SubjectItem]) -> str:
        """The filters in a few words: `à prendre en compte, urgence bloquante`; empty where there are none."""
        labels = {subject.subject: subject.label for subject in subjects}
        said = [
            lower_first(STATUSES[self.status]) if self.status else "",
            f"responsable{NBSP}: {lower_first(HANDS[self.responsible])}" if self.responsible else "",
            f"urgence {lower_first(URGENCIES[self.urgency])}" if self.urgency else "",
            lower_first(WAITS[self.wait]) if self.wait else "",
            french(labels.get(self.subject, self.subject)),
            f"«{NBSP}{self.q}{NBSP}»" if self.q else "",
        ]
        return ", ".join(filter(None, said))


def kept(address: str) -> dict[str, str]:
    """What an address shows besides the view: the page of the list, and the incident beside it."""
    query = dict(parse_qsl(urlsplit(address).query))
    return {name: query[name] for name in ("incident", "suite") if name in query}


_USUAL: Final = msgspec.structs.asdict(View())

#: The views above the list: label, and what they filter.
SEGMENTS: Final = (
    ("Tout", {"status": "", "responsible": ""}),
    ("À prendre en compte", {"status": "to_handle", "responsible": ""}),
    ("À moi", {"status": "", "responsible": "me"}),
)
