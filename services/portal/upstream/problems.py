"""Bad fields as a form shows them: in the order of the form, with the words of this service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from services.portal.upstream.http import FieldProblem


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to correct: which element, what it is called, what to do."""

    anchor: str
    label: str
    message: str


class FormField(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a form: its element, its label, and what to say when it was left empty."""

    anchor: str
    label: str
    missing: str


#: Shown where a problem names no field of the form.
_WHOLE: Final = FormField(anchor="contenu", label="Demande", missing="")


def shown(problems: Iterable[FieldProblem], form: Mapping[str, FormField], typed: Mapping[str, str]) -> list[Shown]:
    """The problems in the order of the form; an empty field gets the form's own words.

    Args:
        problems: as a service tells them, nested fields as `beneficiary.email`, list members as `uploads[0]`.
        form: the fields in their order on the page.
        typed: what was typed, by field name.
    """
    order = {name: rank for rank, name in enumerate(form)}
    named = [(_name(problem.field, form), problem) for problem in problems]
    named.sort(key=lambda pair: order.get(pair[0], len(order)))
    found: dict[tuple[str, str], Shown] = {}
    for name, problem in named:
        field = form.get(name, _WHOLE)
        empty = bool(field.missing) and not typed.get(name, "").strip()
        one = Shown(anchor=field.anchor, label=field.label, message=field.missing if empty else problem.message)
        found.setdefault((one.anchor, one.message), one)
    return list(found.values())


def _name(field: str, form: Mapping[str, FormField]) -> str:
    """The form's name of a service's field."""
    flat = field.partition("[")[0].removeprefix("$.").replace(".", "_")
    if flat in {"uploads", "file"}:
        return "documents"
    return flat if flat in form else flat.partition("_")[0]


def title_prefix(problems: Sequence[Shown]) -> str:
    """What stands first in the title of a page with problems."""
    if not problems:
        return ""
    return f"Erreur\u00a0: {len(problems)}\u00a0{'points' if len(problems) > 1 else 'point'} à corriger – "
