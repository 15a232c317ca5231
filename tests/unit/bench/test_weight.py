"""Growth is that of the same processes: one that ended, or was started anew, is no light one."""

import pytest

from tests.bench.rows.memory import still_there
from tests.bench.weight import growth

LIGHT = {"intake": 50.0, "relay": 40.0}


def test_the_process_that_grew_most_decides() -> None:
    figure = growth("memory", LIGHT, {"intake": 55.0, "relay": 60.0}, "many")
    assert (figure.ratio, figure.ours, figure.theirs) == (1.5, 60.0, 40.0)
    assert figure.details == {"intake, MB": 55.0, "relay, MB": 60.0}


@pytest.mark.parametrize("heavy", [{"intake": 50.0}, LIGHT | {"worker": 1.0}])
def test_a_process_that_was_weighed_only_once_is_told(heavy: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"^weighed only once: (relay|worker)$"):
        growth("memory", LIGHT, heavy, "many")


@pytest.mark.parametrize("after", [{"intake": 1}, {"intake": 1, "relay": 3}])
def test_a_process_that_ended_or_began_anew_is_told(after: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"^ended while they were measured: relay$"):
        still_there({"intake": 1, "relay": 2}, after)


def test_processes_that_stayed_are_weighed_again() -> None:
    still_there({"intake": 1, "relay": 2}, {"relay": 2, "intake": 1})
