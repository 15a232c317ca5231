"""« Données »: what managers take away, in which form, and what each column means."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from services.portal.look.typography import month
from services.portal.pages.documents import passed_on
from services.portal.upstream.http import Refused
from services.portal.upstream.problems import FormField, shown, title_prefix
from services.portal.visit import Here, Visit
from shared.events.titles import BY_NAME
from shared.http.identity import MANAGERS

_UNPROCESSABLE: Final = 422
_ASKED: Final = ("form", "month", "after")
_PASSED: Final = ("content-type", "content-disposition", "export-rows")
#: What types and units are called.
WORDS: Final = {
    "text": "texte",
    "integer": "nombre entier",
    "decimal": "nombre décimal",
    "instant": "date et heure",
}


@get("/rapports/donnees", access=MANAGERS, include_in_schema=False)
async def exported_data(visit: Here) -> Response[str]:
    """The tables there are, with a form for each, and the dictionary."""
    return await _page(visit)


@get("/rapports/donnees/{name:str}", access=MANAGERS, include_in_schema=False)
async def exported_table(visit: Here, name: FromPath[str]) -> Response[Any]:
    """A table as query writes it; what cannot be given is said on the page."""
    given = visit.request.query_params
    wanted = {field: given[field] for field in _ASKED if given.get(field)}
    try:
        return await passed_on(visit.query.exported(name, wanted), _PASSED)
    except Refused as refusal:
        if refusal.status != _UNPROCESSABLE:
            raise
        problems = shown(refusal.problem.errors, _fields(name), wanted)
        prefix = title_prefix(problems)
        return await _page(
            visit, status_code=_UNPROCESSABLE, asked=name, given=wanted, problems=problems, prefix=prefix
        )


def _fields(name: str) -> dict[str, FormField]:
    return {
        "form": FormField(anchor=f"forme-{name}", label="Format", missing=""),
        "month": FormField(anchor=f"mois-{name}", label="Période", missing=""),
        "after": FormField(anchor=f"suite-{name}", label="Reprendre après", missing=""),
    }


async def _page(visit: Visit, *, status_code: int = 200, **values: Any) -> Response[str]:
    found = await visit.query.exports()
    dictionary = {item.name: item for item in (await visit.query.data_dictionary()).items}
    given: dict[str, Any] = {"asked": "", "given": {}, "problems": [], "prefix": ""}
    return await visit.page(
        "exports.html",
        status_code=status_code,
        tables=found.items,
        forms=found.forms,
        dictionary=dictionary,
        months=[(one, month(one)) for item in found.items[:1] for one in reversed(item.months)],
        words=WORDS,
        events=BY_NAME,
        **given | values,
    )
