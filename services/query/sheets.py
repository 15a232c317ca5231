"""What French spreadsheets open as it is: semicolons, UTF-8 with a mark, no cell that is a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any, Final

#: How the first line of a file is encoded, and how the others are.
FIRST: Final = "utf-8-sig"
REST: Final = "utf-8"
#: A cell that begins so would be a formula; some spreadsheets skip blanks, and know the signs in full width.
_FORMULA: Final = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")


def lines(rows: Iterable[Iterable[Any]]) -> str:
    """Rows of cells as text; empty where there is None."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def harmless(cell: str | None) -> str | None:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell and _FORMULA.match(cell) else cell


def decimal(cell: float | None) -> str | None:
    """A number with a comma."""
    return None if cell is None else str(cell).replace(".", ",")
