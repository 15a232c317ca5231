from collections.abc import Callable

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
