from collections.abc import Callable

from tests.integration.portal.conftest import Person
from tests.integration.portal.services import World


async def test_a_spreadsheet_for_people_has_their_words(browser: Callable[[], Person], world: World) -> None:
    sophie = browser()
    await sophie.sign_in("sophie.durand")
    answer = await sophie.browser.get("/rapports/volumes.csv?by=day,subject&from=2026-11-01&to=2026-11-30")
    assert (answer.status_code, answer.text) == (200, "Jour;Objet\r\n")
    assert answer.headers["content-disposition"] == 'attachment; filename="volumes.csv"'
    assert world.reports == [{"from": "2026-11-01", "to": "2026-11-30", "by": "day,subject", "labels": "true"}]
