"""The witness: a file beside the database that has the seal of every block, at least a line each, for ever.

Whoever can change the whole database can compute all seals anew, or put an older database in its place. What then
contradicts them is this file, and each copy of it on another machine or on paper.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple, Self

_LONGEST_LINE: Final = 200
#: What a line is made of.
_LETTERS: Final = b"0123456789abcdef T:.+-"


class Line(NamedTuple):
    """One line: number and seal of a block, and when it was sealed (ISO 8601)."""

    number: int
    seal: bytes
    sealed_at: str

    @classmethod
    def parse(cls, text: str) -> Line:
        """Inverse of `str`.

        Raises:
            ValueError: it is no such line.
        """
        try:
            number, seal, sealed_at = text.split()
            return cls(int(number), bytes.fromhex(seal), sealed_at)
        except ValueError as error:
            raise ValueError(f"no line of a witness: {text[:_LONGEST_LINE]!r}") from error

    def __str__(self) -> str:
        return f"{self.number} {self.seal.hex()} {self.sealed_at}"


class Witness:
    """The file at `path`; it need not be there yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Self:
        """The one of a stack: where `CECOIA_SEALS` says, or in its home."""
        return cls(Path(variables.get("CECOIA_SEALS") or Path(variables["CECOIA_HOME"]) / "seals.log"))

    def last(self) -> Line | None:
        """The last line; half a line that a crash left behind it is removed. None where there is none.

        Raises:
            ValueError: the file is something else.
        """
        if not self.path.exists():
            return None
        with self.path.open("r+b") as file:
            end = file.seek(0, os.SEEK_END)
            start = file.seek(max(0, end - 2 * _LONGEST_LINE))
            whole, newline, half = file.read().rpartition(b"\n")
            if len(half) > _LONGEST_LINE or half.strip(_LETTERS):
                raise ValueError(f"no line of a witness: {half[:_LONGEST_LINE]!r}")
            last = Line.parse(whole.rpartition(b"\n")[2].decode("ascii")) if newline else None
            file.truncate(start + len(whole + newline))
        return last

    def add(self, lines: Iterable[Line]) -> None:
        """Append lines and have them on the disk."""
        with self.path.open("ab") as file:
            file.write("".join(f"{line}\n" for line in lines).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())

    def lines(self) -> Iterator[Line]:
        """The whole lines that are there now, oldest first, read one by one; errors as `last`."""
        size = self.path.stat().st_size if self.path.exists() else 0
        return self._lines(size)

    def _lines(self, size: int) -> Iterator[Line]:
        if not size:
            return
        with self.path.open("rb") as file:
            for line in takewhile(lambda line: line.endswith(b"\n") and file.tell() <= size, iter(file.readline, b"")):
                yield Line.parse(line.decode("ascii"))
