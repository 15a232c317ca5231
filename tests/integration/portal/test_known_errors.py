"""Known errors in the portal, without a script: read, published, retired, suggested and linked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.portal.access.session import COOKIE
from tests.integration.portal.conftest import Person
from tests.integration.portal.services import World, error_item
from tests.integration.portal.test_following import INCIDENT, created

NUMBER, ERROR = "1261124_0001", "E261124_0001"
NEW = "/erreurs-connues/nouvelle"
TYPED = {
    "title": "Envoi refusé, code 535",
    "subject": "messagerie.acces",
    "subject2": "",
    "subject3": "poste.logiciel",
    "symptoms": "Le message revient.",
    "workaround": "Le webmail marche.",
}


@pytest.fixture
async def nadia(browser: Callable[[], Person]) -> Person:
    """Nadia Benali, an agent, signed in."""
    person = browser()
    await person.sign_in("nadia.benali")
    return person


async def shown(person: Person, address: str) -> str:
    answer = await person.browser.get(address, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_everybody_reads_them_and_agents_publish(claire: Person, nadia: Person, world: World) -> None:
    world.errors.append(error_item(1))
    listed, page = await shown(claire, "/erreurs-connues"), await shown(claire, f"/erreurs-connues/{ERROR}")
    assert f'href="/erreurs-connues/{ERROR}">Envoi refusé</a>' in listed
    assert "2\u00a0incidents liés" in listed
    assert "Le webmail marche." in page
    assert NEW not in listed
    assert 'id="retirer"' not in page
    assert (await claire.browser.get(NEW)).status_code == 403
    assert (await claire.browser.get("/erreurs-connues/E261124_0002")).status_code == 404
    assert NEW in await shown(nadia, "/erreurs-connues")
    assert f'href="/erreurs-connues/{ERROR}">Envoi refusé</a>' in await shown(claire, "/")


async def test_an_agent_publishes_once_whatever_is_clicked(nadia: Person, world: World) -> None:
    form = await nadia.form(NEW, NEW)
    for _ in range(2):
        sent = await nadia.post(NEW, form | TYPED)
        assert sent.headers["location"] == f"/erreurs-connues/{ERROR}?avis=publiee"
    (published,) = world.errors
    assert published["subjects"] == ["messagerie.acces", "poste.logiciel"]
    assert "L’erreur connue est publiée." in await shown(nadia, sent.headers["location"])


async def test_what_is_missing_is_told_and_what_was_typed_is_kept(nadia: Person, world: World) -> None:
    form = await nadia.form(NEW, NEW)
    answer = await nadia.post(NEW, form | TYPED | {"title": "", "subject": "", "subject3": ""})
    assert answer.status_code == 422
    assert "Nommez l’erreur en une ligne" in answer.text
    assert "Choisissez au moins un objet" in answer.text
    assert 'id="objet" name="subject" aria-describedby="objet-erreur" aria-invalid="true"' in answer.text
    assert "Le message revient." in await shown(nadia, NEW)
    world.intake_down = True
    assert (await nadia.post(NEW, form | TYPED)).status_code == 503
    world.intake_down = False
    assert (await nadia.post(NEW, form | TYPED)).status_code == 303


async def test_a_form_survives_its_session_and_needs_its_token(nadia: Person, world: World) -> None:
    form = await nadia.form(NEW, NEW)
    refused = await nadia.post(NEW, form | TYPED | {"csrf": "x"})
    assert (refused.status_code, world.errors) == (403, [])
    del nadia.browser.cookies[COOKIE]
    asked = await nadia.post(NEW, form | TYPED)
    assert asked.status_code == 303
    assert asked.headers["location"].startswith("/connexion")
    await nadia.sign_in("nadia.benali")
    assert "Le message revient." in await shown(nadia, NEW)


async def test_a_requester_publishes_nothing(claire: Person, world: World) -> None:
    form = await claire.form("/incidents/nouveau", "/incidents/nouveau")
    assert (await claire.post(NEW, form | TYPED)).status_code == 403
    assert world.errors == []


async def test_an_agent_retires_it_as_solved_or_as_a_mistake(nadia: Person, world: World) -> None:
    world.errors.append(error_item(1))
    page, address = f"/erreurs-connues/{ERROR}", f"/erreurs-connues/{ERROR}/retrait"
    form = await nadia.form(page, address)
    empty = await nadia.post(address, form | {"solved": "oui", "text": ""})
    assert (empty.status_code, "Dites ce qui a changé" in empty.text) == (422, True)
    sent = await nadia.post(address, form | {"solved": "oui", "text": "Serveur réparé."})
    assert sent.headers["location"] == f"{page}?avis=resolue#avis"
    assert world.told == [{"text": "Serveur réparé.", "solved": True}]
    after = await shown(nadia, page)
    assert "Serveur réparé." in after
    assert 'id="retirer"' not in after


async def test_what_is_typed_is_compared_and_shown_beside_it(claire: Person, world: World) -> None:
    world.errors.append(error_item(1))
    form = await claire.new_form()
    fields = {"csrf": form["csrf"], "subject": "messagerie.acces", "description": "Le code 535 est revenu."}
    fragment = await claire.browser.post("/erreurs-connues/suggestions", data=fields)
    assert "Peut-être une erreur connue" in fragment.text
    assert "Le webmail marche." in fragment.text
    assert world.told == [{"text": "Le code 535 est revenu.", "subject": "messagerie.acces"}]
    stolen = await claire.browser.post("/erreurs-connues/suggestions", data=fields | {"csrf": "x"})
    assert stolen.status_code == 403


async def test_without_a_script_they_stand_on_each_page_of_the_form_and_after_it(claire: Person, world: World) -> None:
    world.errors.append(error_item(1))
    assert "Peut-être une erreur connue" not in await shown(claire, "/incidents/nouveau")
    assert "Peut-être une erreur connue" in await shown(claire, "/incidents/nouveau?objet=messagerie.acces")
    form = await claire.new_form()
    wrong = await claire.post("/incidents/nouveau", form | {"subject": "", "description": "Le code 535 est revenu."})
    assert (wrong.status_code, "Peut-être une erreur connue" in wrong.text) == (422, True)
    await created(claire)
    assert "Peut-être une erreur connue" in await shown(claire, f"{INCIDENT}/confirmation")


async def test_nothing_is_in_the_way_while_query_is_away(claire: Person, world: World) -> None:
    form = await claire.new_form()
    await shown(claire, "/incidents/nouveau")
    world.query_down = True
    fields = {"csrf": form["csrf"], "description": "Le code 535 est revenu."}
    fragment = await claire.browser.post("/erreurs-connues/suggestions", data=fields)
    assert (fragment.status_code, fragment.text.strip()) == (200, "")


@pytest.fixture
async def linkable(nadia: Person, world: World) -> Person:
    await created(nadia)
    world.incidents[NUMBER] |= {"actions": ["link", "resolve"], "suggested_errors": [error_item(1)]}
    return nadia


async def test_an_agent_links_what_is_suggested(linkable: Person, world: World) -> None:
    page, address = await shown(linkable, INCIDENT), f"{INCIDENT}/actions/link"
    assert "Ressemblent à cet incident" in page
    form = await linkable.form(INCIDENT, address)
    assert form["known_error"] == ERROR
    sent = await linkable.post(address, form)
    assert sent.headers["location"] == f"{INCIDENT}?avis=link"
    assert world.updates == [(NUMBER, "link", {"known_error": ERROR})]


async def test_a_number_is_needed(linkable: Person, world: World) -> None:
    form = await linkable.form(INCIDENT, f"{INCIDENT}/actions/link")
    sent = await linkable.post(f"{INCIDENT}/actions/link", form | {"known_error": " "})
    assert "Vérifiez son numéro" in await shown(linkable, sent.headers["location"])
    assert world.updates == []


async def test_a_resolution_names_what_explains_it(linkable: Person, world: World) -> None:
    form = await linkable.form(INCIDENT, f"{INCIDENT}/actions/resolve")
    for known_error, body in ((ERROR, {"known_error": ERROR}), ("", {})):
        await linkable.post(f"{INCIDENT}/actions/resolve", form | {"text": "Fait.", "known_error": known_error})
        assert world.updates.pop() == (NUMBER, "resolve", {"text": "Fait."} | body)


async def test_its_requester_reads_the_way_round_and_links_nothing(claire: Person, world: World) -> None:
    await created(claire)
    world.incidents[NUMBER] |= {"known_errors": [error_item(1)]}
    page = await shown(claire, INCIDENT)
    assert 'Erreurs connues liées <span class="count">1</span>' in page
    assert "Le webmail marche." in page
    assert "/actions/link" not in page
