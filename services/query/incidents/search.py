"""Search in the texts of incidents: French words by their stem, and the last one while it is still being typed."""

import re
from typing import Final

#: The words as they stand, or all but the last one together with the beginning of the last one. Parameters: the whole,
#: what comes before the last word, the last word.
MATCHES: Final = """i.stream_id in (
    select t.stream_id from {{schema}}.texts t
    where t.search @@ (
        websearch_to_tsquery('query.french', {})
        || (websearch_to_tsquery('query.french', {}) && to_tsquery('query.plain', {}))
    ))"""

_LAST_WORD: Final = re.compile(r"(?<![-\w])(\w+)$")


def parameters(text: str) -> tuple[str, str, str]:
    """The parameters of `MATCHES` for what somebody typed."""
    found = _LAST_WORD.search(text)
    if found is None or text.count('"') % 2:
        return text, "", ""
    return text, text[: found.start()], f"'{found[1]}':*"
