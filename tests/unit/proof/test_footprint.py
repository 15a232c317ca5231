"""What counts as having grown."""

from tests.proof.footprint import CONNECTIONS, FILES, MEGABYTES, Footprint, grown

BEFORE = Footprint({"intake": 90}, {"intake": 30}, {"cecoia intake": 4})


def test_a_little_more_is_nothing() -> None:
    after = Footprint({"intake": 90 + MEGABYTES}, {"intake": 30 + FILES}, {"cecoia intake": 4 + CONNECTIONS})
    assert list(grown(BEFORE, after)) == []


def test_much_more_is_told() -> None:
    after = Footprint({"intake": 91 + MEGABYTES}, {"intake": 31 + FILES}, {"cecoia intake": 5 + CONNECTIONS})
    assert [words.split(":")[0] for words in grown(BEFORE, after)] == ["intake", "intake", "cecoia intake"]


def test_who_is_gone_is_told() -> None:
    assert list(grown(BEFORE, Footprint({}, {}, {}))) == ["intake: does not run any more"]
