"""The bodies of the contract, as they come over HTTP, and what catalogue and clock have to say of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import msgspec

from shared.catalogue import Catalogue
from shared.events.incident import Rating
from shared.events.vocabulary import HoldReason, Origin, Urgency
from shared.http.bodies import Body, Email, Line, LongText
from shared.journal.numbers import normalise

Phone = Annotated[str, msgspec.Meta(min_length=1, max_length=50, extra={"one_line": True})]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100, extra={"one_line": True})]
Availability = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
UploadIds = Annotated[list[UUID], msgspec.Meta(max_length=100)]

#: How far ahead somebody may put off an incident.
LONGEST_HOLD: Final = timedelta(days=366)


class Beneficiary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For whom it is, when not for the requester."""

    name: Line
    email: Email


class Requester(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On whose behalf an agent writes; `sub` or `email` says who it is."""

    name: Line
    sub: Line | None = None
    email: Email | None = None


class NewIncident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/incidents`."""

    phone: Phone
    subject: Code
    availability: Availability
    urgency: Urgency
    description: LongText
    beneficiary: Beneficiary | None = None
    requester: Requester | None = None
    origin: Origin | None = None
    follows: Code | None = None
    uploads: UploadIds = []


class Changes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/incidents/{number}/updates`."""

    text: LongText | None = None
    phone: Phone | None = None
    availability: Availability | None = None
    urgency: Urgency | None = None
    uploads: UploadIds = []


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of the commands that say something."""

    text: LongText


class Opinion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `rate`: from 1, the worst, to 5."""

    rating: Rating
    text: LongText | None = None


class Transfer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `transfer`: to another group, or to the group that answers for another subject."""

    group: Code | None = None
    subject: Code | None = None
    text: LongText | None = None


class Hold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `hold`; whatever it waits for, the incident resumes at `until`."""

    reason: HoldReason
    until: Instant | None = None
    text: LongText | None = None


class Merge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `merge`: the number of the incident in which this one goes on, in any form that people use."""

    into: Code


class Erase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/people/erase`: who asked for the incident `number` is to be forgotten.

    `text` refers to where their request is kept, and stays; `force` forgets them although incidents are not ended.
    """

    number: Code
    text: Reference
    force: bool = False


class Nothing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of the commands that say nothing: `{}`, or no body at all."""


def chosen_subject(catalogue: Catalogue, subject: str) -> str:
    """A subject that an incident may carry from now on.

    Raises:
        ValueError: there is none, or not any more; in French.
    """
    if subject not in catalogue.subjects:
        raise ValueError("Cet objet n’existe pas. Choisissez-en un dans la liste.")
    if subject in catalogue.retired:
        raise ValueError("Cet objet n’est plus proposé. Choisissez-en un autre dans la liste.")
    return subject


def destination(catalogue: Catalogue, body: Body[Transfer]) -> None:
    """Judge where a transfer leads; a subject brings the group that answers for it."""
    if sum(body.given.get(name) is not None for name in ("group", "subject")) != 1:
        body.refuse("group", "Indiquez un groupe ou un objet, l’un des deux.")
    body.check("group", lambda group: chosen_group(catalogue, group))
    body.check("subject", lambda subject: chosen_subject(catalogue, subject))
    if subject := body.values.get("subject"):
        body.values["group"] = catalogue.group_of(subject)


def chosen_group(catalogue: Catalogue, group: str) -> str:
    """A group that there is.

    Raises:
        ValueError: there is none; in French.
    """
    if group not in catalogue.groups:
        raise ValueError("Ce groupe n’existe pas.")
    return group


def exact_number(number: str) -> str:
    """The number of an incident as it is written.

    Raises:
        ValueError: it is none; in French.
    """
    if (exact := normalise(number)) is None:
        raise ValueError("Ce n’est pas un numéro d’incident, par exemple 1181106_0230.")
    return exact


def hold_end(now: datetime, body: Body[Hold]) -> None:
    """Judge until when an incident is put on hold."""
    if body.values.get("reason") is HoldReason.DATE and body.given.get("until") is None:
        body.refuse("until", "Indiquez la date à laquelle l’incident reprend.")
    body.check("until", lambda until: to_come(now, until))


def to_come(now: datetime, until: datetime) -> datetime:
    """A date that something may wait for.

    Raises:
        ValueError: it passed, or is too far ahead; in French.
    """
    if not now < until <= now + LONGEST_HOLD:
        raise ValueError("Cette date doit être à venir, et dans moins d’un an.")
    return until
