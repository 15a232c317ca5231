import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.journal.records import START, Position

whole = st.integers(min_value=0, max_value=2**63 - 1)


@given(whole, whole)
def test_a_position_survives_the_way_out_and_back(xid: int, position: int) -> None:
    one = Position(xid, position)
    assert Position.decode(one.encode()) == one
    assert one.encode().isascii()


@given(st.text(max_size=40))
def test_any_other_text_is_refused_and_nothing_else_happens(text: str) -> None:
    try:
        Position.decode(text)
    except ValueError:
        return


@pytest.mark.parametrize(
    "said",
    [b"", b"1", b"1.2.3", b"1.x", b"-1.2", b"1.-2", b" 1.2", b"1_0.2", b"01.2", b"1.2\n", b"9223372036854775808.1"],
)
def test_what_is_no_position_is_refused(said: bytes) -> None:
    text = base64.urlsafe_b64encode(said).decode().rstrip("=")
    with pytest.raises(ValueError, match=f"^{text}$"):
        Position.decode(text)


def test_everything_comes_after_the_start() -> None:
    assert Position(0, 0) == START < Position(0, 1) < Position(1, 0)
