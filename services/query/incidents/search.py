"""Search in the texts of incidents: French words by their stem, and the last one while it is still being typed."""

import re
from typing import Any, Final

from services.query.incidents.selection import Selection

#: The words as they stand, or all but the last one together with the beginning of the last one. Parameters: the whole,
#: what comes before the last word, the last word. Selected, so that they are read once and not for each row.
WORDS: Final = """(select websearch_to_tsquery('query.french', {})
    || (websearch_to_tsquery('query.french', {}) && to_tsquery('query.plain', {})))"""

_NAMED: Final = f"select t.stream_id from {{{{schema}}}}.texts t where t.search @@ {WORDS}"
_MATCHES: Final = f"(select t.search @@ {WORDS} from {{{{schema}}}}.texts t where t.stream_id = i.stream_id)"

_LAST_WORD: Final = re.compile(r"(?<![-\w])(\w+)$")


def parameters(text: str) -> tuple[str, str, str]:
    """The three parameters of the words that somebody typed."""
    found = _LAST_WORD.search(text)
    if found is None or text.count('"') % 2:
        return text, "", ""
    return text, text[: found.start()], f"'{found[1]}':*"


def read_each(among: Selection, text: str) -> Selection:
    """Those whose text matches, each of them read."""
    return among.where(_MATCHES, *parameters(text))


def ask_index(among: Selection, text: str) -> Selection:
    """Those that the index of words names, all of them fetched."""
    return among.where(f"i.stream_id = any(array({_NAMED}))", *parameters(text))


def named(schema: str, text: str, limit: int) -> tuple[str, tuple[Any, ...]]:
    """A statement, with its values, for the first that the index of words names, in no order."""
    statement = _NAMED.format("$1", "$2", "$3").replace("{schema}", schema)
    return f"{statement} limit {limit}", parameters(text)


def listed(among: Selection, ids: list[Any]) -> Selection:
    """Those with these identifiers."""
    # taken apart in SQL: told their number, the planner may believe that it finds some of them soon by walking
    return among.where("i.stream_id = any(array(select unnest({}::uuid[])))", ids)
