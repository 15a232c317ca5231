from tests.integration.portal.conftest import Person
from tests.integration.portal.test_following import INCIDENT, created


async def test_every_window_that_one_types_into_is_kept_meanwhile(claire: Person) -> None:
    await created(claire)
    page = (await claire.browser.get(INCIDENT)).text
    forms = [form.split("</form>")[0] for form in page.split('<form class="')[1:]]
    typed_into = [form for form in forms if "<textarea" in form]
    assert len(typed_into) == 3
    assert all("data-draft=" in form and "data-draft-status" in form for form in typed_into)
