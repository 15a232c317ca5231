"""The schedule of a proof: everything comes, in time, and the same again for the same seed."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.proof.faults import FAULTS
from tests.proof.schedule import GAP, LONG, Moment, plan

KINDS = list(FAULTS)


def test_a_seed_says_it_all() -> None:
    assert plan(7, 300, KINDS) == plan(7, 300, KINDS)
    assert plan(7, 300, KINDS) != plan(8, 300, KINDS)


@pytest.mark.parametrize("seed", range(20))
def test_the_short_run_has_many_faults(seed: int) -> None:
    assert len(plan(seed, 180, KINDS)) >= 45


@pytest.mark.parametrize("seed", range(20))
def test_all_are_over_in_time(seed: int) -> None:
    moments = plan(seed, 150, KINDS)
    assert all(0 < moment.at <= moment.at + moment.lasts <= 150 for moment in moments)
    gaps = [later.at - earlier.at for earlier, later in pairwise(moments)]
    assert all(GAP[0] <= gap <= GAP[1] for gap in gaps)


@pytest.mark.parametrize("seed", range(20))
def test_each_kind_comes_before_any_comes_again(seed: int) -> None:
    times = Counter(moment.kind for moment in plan(seed, 600, KINDS))
    assert set(times) == set(KINDS)
    assert max(times.values()) - min(times.values()) <= 1


def test_some_faults_outlast_the_patience_of_the_system() -> None:
    lengths = [moment.lasts for seed in range(10) for moment in plan(seed, 300, KINDS)]
    assert 0.02 < sum(length >= LONG[0] for length in lengths) / len(lengths) < 0.2


def test_nothing_possible_means_nothing_planned() -> None:
    assert plan(1, 100, []) == list[Moment]()


def test_a_slower_pace_lets_each_fault_heal() -> None:
    moments = plan(3, 1800, KINDS, pace=10)
    gaps = [later.at - earlier.at for earlier, later in pairwise(moments)]
    assert all(10 * GAP[0] <= gap <= 10 * GAP[1] for gap in gaps)
