"""French sentences for values that do not fit their type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import inspect

from shared.typography import THIN

_EXPECTED: Final[dict[type[inspect.Type], str]] = {
    inspect.StrType: "Un texte est attendu.",
    inspect.IntType: "Un nombre entier est attendu.",
    inspect.FloatType: "Un nombre est attendu.",
    inspect.BoolType: "«\u00a0true\u00a0» ou «\u00a0false\u00a0» est attendu.",
    inspect.UUIDType: "Un identifiant est attendu.",
    inspect.DateTimeType: "Une date avec son heure est attendue (par exemple 2018-11-06T10:49:49Z).",
    inspect.DateType: "Une date est attendue (par exemple 2018-11-06).",
    inspect.StructType: "Un objet est attendu.",
    inspect.ListType: "Une liste est attendue.",
}


def complaint(expected: inspect.Type, value: Any) -> Iterator[tuple[str, str]]:
    """Say why a value was refused.

    Args:
        expected: what the type wanted, without `Annotated` and `| None`.
        value: what was given; known not to fit.

    Yields:
        Path below the field (empty for the field itself, `.0` for the first item of a list) and sentence.
    """
    if isinstance(expected, inspect.EnumType):
        choices = ", ".join(str(member.value) for member in expected.cls)
        yield "", f"Cette valeur est inconnue. Valeurs possibles\u00a0: {choices}."
    elif isinstance(expected, inspect.StrType) and isinstance(value, str):
        yield "", _text_complaint(expected, value)
    elif isinstance(expected, inspect.IntType) and expected.ge is not None and expected.le is not None:
        yield "", f"Un nombre entier de {expected.ge} à {expected.le} est attendu."
    elif isinstance(expected, inspect.ListType) and isinstance(value, list):
        yield from _list_complaints(expected, value)
    else:
        yield "", _EXPECTED.get(type(expected), "Cette valeur n’est pas correcte.")


def _text_complaint(expected: inspect.StrType, value: str) -> str:
    if expected.min_length and len(value) < expected.min_length:
        return "Ce champ ne peut pas être vide."
    if expected.max_length is not None and len(value) > expected.max_length:
        return f"{_thousands(expected.max_length)} caractères au plus\u202f; il y en a {_thousands(len(value))}."
    return "Cette valeur n’a pas la forme attendue."


def _list_complaints(expected: inspect.ListType, values: list[Any]) -> Iterator[tuple[str, str]]:
    if expected.max_length is not None and len(values) > expected.max_length:
        yield "", f"{expected.max_length} éléments au plus."
        return
    sentence = _EXPECTED.get(type(expected.item_type), "Cette valeur n’est pas correcte.")
    yield "", f"Chaque élément de la liste doit convenir. {sentence}"


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", THIN)
