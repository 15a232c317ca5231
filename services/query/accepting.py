"""The forms in which a route can answer, and which of them the caller asks for."""

from typing import Annotated, Final

from litestar.params import HeaderParameter

NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
SSE: Final = "text/event-stream"

#: How routes take it.
Accept = Annotated[str, HeaderParameter(name="Accept")]


def wants(accept: str, media_type: str) -> bool:
    """Whether a form was asked for by name; JSON is given otherwise."""
    names = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return media_type in names and (
        "application/json" not in names or names.index(media_type) < names.index("application/json")
    )
