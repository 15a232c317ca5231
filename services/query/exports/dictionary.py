"""The data dictionary, for programs and as a page: `python -m services.query.exports.dictionary` writes docs/data.md.

With `--check` it changes nothing and tells whether the page is out of date.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from services.query.exports.columns import Column
from services.query.exports.tables import TABLES, Table
from shared.wire.exports import Dictionary, DictionaryItem, ExportColumn

PAGE: Final = Path(__file__).parents[3] / "docs" / "data.md"

_FRAME: Final = """\
# Les données que l’on peut emporter

Fait par `python -m services.query.exports.dictionary` d’après le code : c’est lui qu’il faut changer, pas cette page.

`GET /v1/exports` dit ce qu’il y a, `GET /v1/exports/dictionary` redonne ce dictionnaire aux programmes, et
`GET /v1/exports/{{table}}?form=&month=&after=` donne une table (rôles `reporting` et `supervisor`) :

- `form` : `csv` (tableurs français : point-virgule, virgule décimale, heure de Paris, UTF-8 avec marque), `ndjson` (un
  objet JSON par ligne, instants en UTC) ou `parquet` (colonnes typées, un fichier par mois) ;
- `month` : un mois de Paris, comme `2026-11` ; sans lui, tout. `GET /v1/exports/{{table}}/months` compte les lignes de
  chaque mois ;
- `after` : la première colonne de la dernière ligne reçue en entier. La suite vient sans en-tête et s’ajoute au fichier
  telle quelle ; rien n’est sauté ni répété. Un fichier Parquet ne se reprend pas : on redemande son mois.

`Export-Rows` annonce combien de lignes viennent : ce qui en est déjà arrivé dit où l’on en est, et s’il en manque à la
fin la réponse a été coupée. Les personnes sont des pseudonymes : toujours le même pour la même personne, vide dès
qu’elle a été effacée. Aucun texte écrit dans un incident ne sort, ni rien d’autre de personnel ; ce qui est publié pour
tous (catalogue, news, erreurs connues) est dans `events`. Une colonne sans source vient de tous les événements.

{tables}
"""


def dictionary() -> Dictionary:
    """As programs read it."""
    return Dictionary(items=[_item(table) for table in TABLES.values()])


def _item(table: Table) -> DictionaryItem:
    columns = [
        ExportColumn(
            name=column.name,
            type=column.type,
            unit=column.unit,
            meaning=column.meaning,
            sources=list(column.sources),
            required=column.required,
        )
        for column in table.columns
    ]
    return DictionaryItem(name=table.name, title=table.title, about=table.about, columns=columns)


def page() -> str:
    """The text of the page."""
    return _FRAME.format(tables="\n\n".join("\n".join(_section(table)) for table in TABLES.values()))


def _section(table: Table) -> Iterator[str]:
    yield f"## {table.title} : `{table.name}`"
    yield ""
    yield table.about
    yield ""
    yield "| Colonne | Type | Unité | Sens | D’après |"
    yield "|---|---|---|---|---|"
    yield from map(_line, table.columns)


def _line(column: Column) -> str:
    kind = column.type if column.required else f"{column.type} ou vide"
    sources = ", ".join(f"`{source}`" for source in column.sources)
    return f"| `{column.name}` | {kind} | {column.unit} | {column.meaning} | {sources} |"


def main() -> None:
    """Read the command line and do it; exits 1 when the page is to be checked and is not the one that would be made."""
    parser = argparse.ArgumentParser(prog="python -m services.query.exports.dictionary", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page():
        raise SystemExit(f"{PAGE.name} is out of date: run python -m services.query.exports.dictionary")


if __name__ == "__main__":
    main()
