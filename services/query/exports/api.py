"""What managers and their programs take away."""

from litestar import get
from litestar.di import Provide
from litestar.params import FromPath
from litestar.response import Stream

from services.query.accepting import CSV, NDJSON
from services.query.context import Here
from services.query.exports.asking import months_between, read_asked
from services.query.exports.dictionary import dictionary
from services.query.exports.forms import FORMS, PARQUET
from services.query.exports.tables import TABLES, Table
from services.query.parameters import Asked, for_exports
from shared import clock
from shared.http.identity import MANAGERS
from shared.http.problems import not_found
from shared.journal import extract
from shared.wire.exports import Dictionary, ExportForm, ExportItem, ExportMonth, ExportMonths, Exports


@get("/v1/exports", access=MANAGERS)
async def exports(context: Here) -> Exports:
    """Les tables que l’on peut emporter, et sous quelles formes."""
    async with context.pool.acquire() as connection:
        first = await extract.first_instant(connection)
    months = list(months_between(first, clock.now())) if first else []
    items = [ExportItem(name=one.name, title=one.title, about=one.about, months=months) for one in TABLES.values()]
    forms = [
        ExportForm(form=name, label=form.label, media_type=form.media_type, whole=form.whole)
        for name, form in FORMS.items()
    ]
    return Exports(items=items, forms=forms)


@get("/v1/exports/dictionary", access=MANAGERS)
async def export_dictionary() -> Dictionary:
    """Ce que signifie chaque colonne de chaque table."""
    return dictionary()


@get("/v1/exports/{name:str}/months", access=MANAGERS)
async def export_months(context: Here, name: FromPath[str]) -> ExportMonths:
    """Combien de lignes une table a pour chaque mois."""
    table = _table(name)
    async with context.pool.acquire() as connection:
        found = await extract.months(connection, table.type)
    return ExportMonths(items=[ExportMonth(month=month, rows=rows) for month, rows in found.items()])


@get(
    "/v1/exports/{name:str}",
    access=MANAGERS,
    content={CSV: None, NDJSON: None, PARQUET: None},
    dependencies={"given": Provide(for_exports, sync_to_thread=False)},
)
async def export(context: Here, name: FromPath[str], given: Asked) -> Stream:
    """Une table, au fil de sa lecture ; `Export-Rows` dit combien de lignes viennent.

    Une réponse coupée se reprend avec `after` : la première colonne de la dernière ligne entière. Rien n’est sauté ni
    répété, et la suite s’ajoute au fichier telle quelle.
    """
    table = _table(name)
    asked = read_asked(given, table)
    async with context.pool.acquire() as connection:
        found = await extract.span(connection, asked.part)
    pages = table.pages(context.pool, context.vault, asked.part, found)
    content = asked.form.encode(table.columns, pages, "after" not in given)
    headers = {"Export-Rows": str(found.events), "Content-Disposition": f'attachment; filename="{asked.filename}"'}
    return Stream(content, media_type=asked.form.media_type, headers=headers)


def _table(name: str) -> Table:
    if name not in TABLES:
        raise not_found("Cette table n’existe pas.")
    return TABLES[name]


ROUTES = [exports, export_dictionary, export_months, export]
