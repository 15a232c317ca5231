"""The forms in which tables leave: each turns pages of rows into bytes as they come, and holds no more than it must."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from services.query import sheets
from services.query.accepting import CSV, NDJSON
from services.query.exports.columns import Column
from services.query.exports.tables import Rows, plain
from shared.clock import PARIS

PARQUET: Final = "application/vnd.apache.parquet"
#: Rows that stand together in a file of Parquet, and are held until they do; nobody else is answered while they are
#: written, which takes a tenth of a second.
GROUP: Final = 5_000
_ARROW: Final = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "instant": pa.timestamp("us", tz="UTC"),
}

Encode = Callable[[Sequence[Column], AsyncIterator[Rows], bool], AsyncIterator[bytes]]


class Form(NamedTuple):
    """A form.

    Attributes:
        label: for people.
        media_type: of the answer.
        ending: of the file's name.
        encode: makes bytes of columns and pages; told whether the beginning of the file belongs to it.
        whole: whether a file ends in what sums it up, so that only all of it can be read.
    """

    label: str
    media_type: str
    ending: str
    encode: Encode
    whole: bool = False


async def to_csv(columns: Sequence[Column], pages: AsyncIterator[Rows], begin: bool) -> AsyncIterator[bytes]:
    """What French spreadsheets open as it is: semicolons, decimal commas, hours of Paris, UTF-8 with a mark."""
    write = [_WRITERS[column.type] for column in columns]
    if begin:
        yield sheets.lines([[column.name for column in columns]]).encode(sheets.FIRST)
    async for page in pages:
        cells = ([w(cell) for w, cell in zip(write, plain(row), strict=True)] for row in page)
        yield sheets.lines(cells).encode(sheets.REST)


def _hour(cell: datetime | None) -> str:
    """An instant as spreadsheets know it, which have no offsets."""
    return "" if cell is None else cell.astimezone(PARIS).strftime("%Y-%m-%d %H:%M:%S")


_WRITERS: Final[dict[str, Callable[[Any], Any]]] = {
    "text": sheets.harmless,
    "integer": lambda cell: cell,
    "decimal": sheets.decimal,
    "instant": _hour,
}


async def to_ndjson(_columns: Sequence[Column], pages: AsyncIterator[Rows], _begin: bool) -> AsyncIterator[bytes]:
    """One JSON object a line; instants in UTC."""
    encoder = msgspec.json.Encoder()
    async for page in pages:
        yield encoder.encode_lines(page)


async def to_parquet(columns: Sequence[Column], pages: AsyncIterator[Rows], _begin: bool) -> AsyncIterator[bytes]:
    """Typed columns, compressed, in groups of rows; each column says what it means."""
    schema, sink = _schema(columns), io.BytesIO()
    with pq.ParquetWriter(pa.PythonFile(_Passing(sink), "w"), schema, compression="zstd") as writer:
        rows: list[msgspec.Struct] = []
        async for page in pages:
            rows += page
            if len(rows) >= GROUP:
                writer.write_table(_table(rows, schema))
                rows = []
                yield _drained(sink)
        writer.write_table(_table(rows, schema))
    yield _drained(sink)


class _Passing:
    """A file whose bytes are taken out while it is written, so that its place is not theirs."""

    def __init__(self, sink: io.BytesIO) -> None:
        self._sink, self._written = sink, 0
        self.closed = False

    def write(self, content: bytes) -> int:
        self._written += len(content)
        return self._sink.write(content)

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        self.closed = True


def _drained(sink: io.BytesIO) -> bytes:
    content = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return content


def _schema(columns: Sequence[Column]) -> Any:
    return pa.schema(
        [
            pa.field(
                column.name,
                _ARROW[column.type],
                nullable=not column.required,
                metadata={"meaning": column.meaning, "unit": column.unit},
            )
            for column in columns
        ]
    )


def _table(rows: Rows, schema: Any) -> Any:
    cells = zip(*map(plain, rows), strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(list(column), type=field.type) for column, field in zip(cells, schema, strict=True)]
    return pa.table(arrays, schema=schema)


FORMS: Final[dict[str, Form]] = {
    "csv": Form("CSV", CSV, "csv", to_csv),
    "ndjson": Form("NDJSON", NDJSON, "ndjson", to_ndjson),
    "parquet": Form("Parquet", PARQUET, "parquet", to_parquet, whole=True),
}
