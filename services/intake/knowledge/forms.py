"""The bodies of the contract about publications, and of what links incidents to them."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from services.intake.forms import Code, Instant, chosen_subject
from shared.catalogue import Catalogue
from shared.http.bodies import Body, Line, LongText

_MOST_SUBJECTS: Final = 100
#: At least one: what a known error explains has a subject.
Subjects = Annotated[list[Code], msgspec.Meta(min_length=1, max_length=_MOST_SUBJECTS)]


class NewKnownError(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/known-errors`."""

    title: Line
    symptoms: LongText
    workaround: LongText
    subjects: Subjects


class Retirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/known-errors/{number}/retire`; with `solved` false, nobody is told and nothing is resolved."""

    text: LongText
    solved: bool = True


class News(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/news`; without subjects it concerns every incident, without `until` it holds till withdrawn."""

    title: Line
    text: LongText
    subjects: Annotated[list[Code], msgspec.Meta(max_length=_MOST_SUBJECTS)] = []
    until: Instant | None = None


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/news/{id}/withdraw`; without text nobody is told."""

    text: LongText | None = None


class Link(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `link`."""

    known_error: Code


class Resolution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `resolve`; `known_error` is the number of the one that explains the incident."""

    text: LongText
    known_error: Code | None = None


def check_subjects(catalogue: Catalogue, body: Body[Any]) -> None:
    """Judge the subjects; each counts once."""
    for place, subject in enumerate(body.values.get("subjects", ())):
        try:
            chosen_subject(catalogue, subject)
        except ValueError as error:
            body.refuse(f"subjects[{place}]", str(error))
    body.check("subjects", lambda subjects: list(dict.fromkeys(subjects)))
