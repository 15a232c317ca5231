from services.portal.pages.tracking import Filters, pages_of
from shared.wire.incidents import IncidentPage


def test_what_does_not_exist_counts_as_not_given() -> None:
    filters = Filters.of({"status": "nothing", "sort": "random", "scope": "all"}, is_agent=False)
    assert filters == Filters()
    assert not filters.is_narrow


def test_an_agent_who_searches_means_all_incidents() -> None:
    assert Filters.of({"q": "535"}, is_agent=True).scope == "all"
    assert Filters.of({"q": "535", "scope": "own"}, is_agent=True).scope == "own"
    assert Filters.of({}, is_agent=True).scope == "own"


def test_addresses_say_only_what_is_not_usual() -> None:
    filters = Filters(q="mot de passe", status="open")
    assert filters.address() == "/incidents?status=open&q=mot+de+passe"
    assert filters.address(status="") == "/incidents?q=mot+de+passe"
    assert Filters().address() == "/incidents"


def test_pages_know_the_way_back() -> None:
    page = IncidentPage(items=[], next="d", total=90, open=4)
    first = pages_of(page, Filters(), "", [])
    assert (first.number, first.count, first.previous, first.start) == (1, 5, None, None)
    assert first.next == "/incidents?cursor=d"
    third = pages_of(page, Filters(), "c", ["b"])
    assert third.number == 3
    assert third.previous == "/incidents?cursor=b"
    assert third.next == "/incidents?cursor=d&trail=b.c"
