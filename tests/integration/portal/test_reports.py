from collections.abc import Callable
from uuid import UUID

from tests.integration.portal.conftest import Person
from tests.integration.portal.services import World


async def test_a_spreadsheet_for_people_has_their_words(browser: Callable[[], Person], world: World) -> None:
    sophie = browser()
    await sophie.sign_in("sophie.durand")
    answer = await sophie.browser.get(
        "/rapports/volumes/csv?by=day,subject&from=2026-11-01&to=2026-11-30&subject=reseau.wifi"
    )
    assert (answer.status_code, answer.text) == (200, "Jour;Objet\r\n")
    assert answer.headers["content-disposition"] == 'attachment; filename="volumes.csv"'
    period = {"from": "2026-11-01", "to": "2026-11-30"}
    assert world.reports == [period | {"by": "day,subject", "subject": "reseau.wifi", "labels": "true"}]


async def test_a_report_that_there_is_not_is_not_found(browser: Callable[[], Person]) -> None:
    sophie = browser()
    await sophie.sign_in("sophie.durand")
    for page in ("/rapports/nothing", "/rapports/nothing/csv", "/rapports/nothing/detail"):
        assert (await sophie.browser.get(page)).status_code == 404


async def test_rare_events_are_looked_for_until_there_is_one(browser: Callable[[], Person], world: World) -> None:
    sophie = browser()
    await sophie.sign_in("sophie.durand")
    found = {"id": str(UUID(int=1)), "position": "c", "stream": str(UUID(int=2)), "version": 1, "type": "PersonErased"}
    found |= {"number": None, "recorded_at": "2026-11-06T08:00:00Z", "data": {}}
    world.feed += [{"items": [], "next": place, "more": True} for place in "ab"]
    world.feed += [{"items": [found], "next": "c", "more": True}]
    page = (await sophie.browser.get("/rapports/evenements?type=PersonErased")).text
    assert "06/11/2026 09:00:00" in page
    assert [asked.get("after") for asked in world.reports] == [None, "a", "b"]
    world.feed += [{"items": [], "next": "d", "more": True} for _ in range(99)]
    page = (await sophie.browser.get("/rapports/evenements?type=PersonErased&after=c")).text
    assert "voyez la suite" in page
    assert "after=d" in page
    world.feed[:] = [{"items": [], "next": "e", "more": False}]
    assert (
        "Aucun événement de cette sorte." in (await sophie.browser.get("/rapports/evenements?type=PersonErased")).text
    )


async def test_a_report_is_kept_as_its_address_says(browser: Callable[[], Person], world: World) -> None:
    sophie = browser()
    await sophie.sign_in("sophie.durand")
    token = (await sophie.new_form())["csrf"]
    outcomes = {}
    for address in (
        "/rapports/volumes?period=7-days&by=day%2Cgroup",
        "",
        "/rapports/nothing",
        "http://[",
        "//[?a=%FF&&",
    ):
        fields = {"csrf": token, "name": " Lundi ", "report": address}
        answer = await sophie.browser.post("/rapports/enregistres", data=fields)
        outcomes[address] = (answer.status_code, answer.headers.get("location"))
    kept, *refused = outcomes.values()
    assert kept == (303, "/rapports?avis=garde#enregistres")
    assert set(refused) == {(303, "/rapports?avis=nom#enregistres")}
    assert world.saved == [{"name": "Lundi", "report": "volumes", "params": {"period": "7-days", "by": "day,group"}}]
