"""Telephone numbers: read as people write them in France, kept in E.164, shown by pairs."""

import re
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

_REGION: Final = "FR"
#: Overseas regions whose numbers people write without a country code, as at home.
_OVERSEAS: Final = ("RE", "GP", "MQ", "GF", "YT", "PM", "NC", "PF", "WF")
_SENTENCE: Final = "Ce numéro de téléphone n’est pas valable. Exemple\u00a0: 01\u00a044\u00a055\u00a066\u00a077."
_LONGEST: Final = 50
_EXTENSION: Final = re.compile(r"\b(poste|p\.)\s*(?=\d)", re.IGNORECASE)
_NEVER_CALLED: Final = frozenset({PhoneNumberType.PREMIUM_RATE})


@lru_cache(maxsize=10_000)  # people give the same number again and again, and reading one takes long
def parse(text: str) -> str:
    """The number in E.164, e.g. `+33144556677`; an extension is kept as `;ext=12`.

    Args:
        text: as typed; without a country code it is French, mainland first, then overseas.

    Raises:
        ValueError: nobody can be called there; the message is a French sentence.
    """
    if len(text) > _LONGEST:
        raise ValueError(_SENTENCE)
    text = _EXTENSION.sub("ext ", text)
    for region in (_REGION, *_OVERSEAS):
        try:
            number = phonenumbers.parse(text, region)
        except NumberParseException as error:
            raise ValueError(_SENTENCE) from error
        if phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) not in _NEVER_CALLED:
            plain = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            return f"{plain};ext={number.extension}" if number.extension else plain
    raise ValueError(_SENTENCE)


def show(number: str) -> str:
    """A kept number as people read it: French ones by pairs, others with their country code.

    What is no number (an erased one, say) is shown as it stands.
    """
    try:
        parsed = phonenumbers.parse(number.replace(";ext=", " ext. "), _REGION)
    except NumberParseException:
        return number
    national = parsed.country_code == phonenumbers.country_code_for_region(_REGION)
    form = PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.INTERNATIONAL
    extension = parsed.extension
    parsed.extension = None
    shown = phonenumbers.format_number(parsed, form).replace(" ", "\u00a0")
    return f"{shown} poste\u00a0{extension}" if extension else shown
