from shared.journal.keys import KEPT, Kept


def test_a_value_is_forgotten_after_a_minute() -> None:
    now = [0.0]
    kept: Kept[str, int] = Kept(clock=lambda: now[0])
    kept.put("a", 1)
    now[0] = KEPT - 0.1
    assert kept.get("a") == 1
    now[0] = KEPT
    assert kept.get("a") is None


def test_the_least_recently_used_goes_first() -> None:
    kept: Kept[str, int] = Kept(size=2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)
