from pathlib import Path

import pytest

from shared.journal.witness import Line, Witness

ONE = Line(1, bytes(range(32)), "2018-11-06T10:49:49.123456+00:00")
TWO = Line(2, bytes(32), "2018-11-06T10:49:51+00:00")


def test_a_line_says_the_same_when_it_is_read_again() -> None:
    assert Line.parse(str(ONE)) == ONE


def test_lines_are_kept_in_order(tmp_path: Path) -> None:
    witness = Witness(tmp_path / "seals.log")
    assert (witness.last(), list(witness.lines())) == (None, [])
    witness.add([ONE])
    witness.add([TWO])
    assert (witness.last(), list(witness.lines())) == (TWO, [ONE, TWO])


def test_half_a_line_is_no_line(tmp_path: Path) -> None:
    witness = Witness(tmp_path / "seals.log")
    witness.add([ONE, TWO])
    witness.path.write_bytes(witness.path.read_bytes()[:-1])
    assert list(witness.lines()) == [ONE]
    assert witness.last() == ONE
    assert witness.path.read_text() == f"{ONE}\n"


def test_what_comes_after_the_look_is_not_read(tmp_path: Path) -> None:
    witness = Witness(tmp_path / "seals.log")
    witness.add([ONE])
    lines = witness.lines()
    witness.add([TWO])
    assert list(lines) == [ONE]


@pytest.mark.parametrize("content", ["1 xyz 2018\n", "\n", "something else", "0" * 500, f"{ONE}\n{'0' * 201}"])
def test_something_else_is_no_witness_and_stays_as_it_is(tmp_path: Path, content: str) -> None:
    witness = Witness(tmp_path / "seals.log")
    witness.path.write_text(content)
    with pytest.raises(ValueError, match="no line of a witness"):
        witness.last()
    assert witness.path.read_text() == content


def test_a_line_that_is_something_else_is_told(tmp_path: Path) -> None:
    witness = Witness(tmp_path / "seals.log")
    witness.path.write_text(f"{ONE}\n1 xyz 2018\n")
    with pytest.raises(ValueError, match="no line of a witness: '1 xyz 2018"):
        list(witness.lines())
