"""What a requester answers to a resolution, and says when the problem comes back; without a script."""

from __future__ import annotations

import pytest

from services.portal.access.session import COOKIE
from tests.integration.portal.conftest import Person, hidden_fields
from tests.integration.portal.services import World
from tests.integration.portal.test_following import INCIDENT, created

NUMBER = "1261124_0001"
ANSWERS = ["update", "confirm", "refuse", "cancel"]


@pytest.fixture
async def resolved(claire: Person, world: World) -> Person:
    await created(claire)
    world.incidents[NUMBER] |= {"status": "resolved", "actions": ANSWERS}
    return claire


@pytest.fixture
async def closed(claire: Person, world: World) -> Person:
    await created(claire)
    world.incidents[NUMBER] |= {"status": "closed", "actions": ["reopen"]}
    return claire


async def shown(person: Person, address: str = INCIDENT) -> str:
    return (await person.browser.get(address)).text


async def test_a_resolution_asks_whether_it_is_solved(resolved: Person) -> None:
    page = await shown(resolved)
    assert "le problème est-il réglé" in page
    assert "Oui, c’est résolu</button>" in page
    assert 'href="#continue" aria-haspopup="dialog">Non, le problème continue</a>' in page
    assert '<dialog id="continue"' in page


async def test_one_click_confirms(resolved: Person, world: World) -> None:
    form = await resolved.form(INCIDENT, f"{INCIDENT}/resolu")
    for _ in range(2):
        sent = await resolved.post(f"{INCIDENT}/resolu", form)
        assert sent.headers["location"] == f"{INCIDENT}?avis=resolu#avis"
    assert world.updates == [(NUMBER, "confirm", {})]
    assert "Merci, l’incident est clôturé." in await shown(resolved, sent.headers["location"])


async def test_a_confirmation_carries_nothing_that_was_slipped_in(resolved: Person, world: World) -> None:
    form = await resolved.form(INCIDENT, f"{INCIDENT}/resolu")
    await resolved.post(f"{INCIDENT}/resolu", form | {"text": "x", "phone": "1"})
    assert world.updates == [(NUMBER, "confirm", {})]


@pytest.mark.parametrize("form", ["resolu", "continue"])
async def test_an_answer_needs_a_form_of_this_session(resolved: Person, world: World, form: str) -> None:
    fields = await resolved.form(INCIDENT, f"{INCIDENT}/{form}")
    answer = await resolved.post(f"{INCIDENT}/{form}", fields | {"csrf": "x", "text": "Toujours rien"})
    assert answer.status_code == 403
    assert world.updates == []


async def test_a_confirmation_that_comes_too_late_says_so(resolved: Person, world: World) -> None:
    form = await resolved.form(INCIDENT, f"{INCIDENT}/resolu")
    world.closed = True
    answer = await resolved.post(f"{INCIDENT}/resolu", form)
    assert answer.status_code == 409
    assert "Votre réponse n’est pas partie" in answer.text
    assert "Ce que vous avez écrit" not in answer.text


async def test_a_confirmation_waits_while_intake_is_away(resolved: Person, world: World) -> None:
    form = await resolved.form(INCIDENT, f"{INCIDENT}/resolu")
    world.intake_down = True
    answer = await resolved.post(f"{INCIDENT}/resolu", form)
    assert answer.status_code == 503
    assert "le service ne répond pas, réessayez" in answer.text
    world.intake_down = False
    assert (await resolved.post(f"{INCIDENT}/resolu", form)).status_code == 303
    assert world.updates == [(NUMBER, "confirm", {})]


async def test_refusing_needs_words_and_keeps_them(resolved: Person, world: World) -> None:
    form = await resolved.form(INCIDENT, f"{INCIDENT}/continue")
    empty = await resolved.post(f"{INCIDENT}/continue", form | {"text": " "})
    assert empty.status_code == 422
    assert "Dites ce qui ne va pas encore" in empty.text
    refused = await resolved.post(f"{INCIDENT}/continue", form | {"text": "interdit"})
    assert refused.status_code == 422
    assert "interdit</textarea>" in refused.text.split('<dialog id="continue"')[1].split("</dialog>")[0]
    sent = await resolved.post(f"{INCIDENT}/continue", form | {"text": "Toujours l’erreur 535"})
    assert sent.headers["location"] == f"{INCIDENT}?avis=continue#avis"
    assert world.updates == [(NUMBER, "refuse", {"text": "Toujours l’erreur 535"})]


async def test_a_refusal_survives_an_expired_session(resolved: Person, world: World) -> None:
    form = await resolved.form(INCIDENT, f"{INCIDENT}/continue")
    resolved.browser.cookies.delete(COOKIE)
    sent = await resolved.post(f"{INCIDENT}/continue", form | {"text": "Important à garder"})
    door = sent.headers["location"].replace("/connexion", "/connexion/aller")
    back = await resolved.sign_in("claire.martin", door=door)
    assert back.headers["location"].endswith("#continue")
    page = await shown(resolved, back.headers["location"])
    assert "Important à garder</textarea>" in page.split('<dialog id="continue"')[1]
    assert world.updates == []


async def test_a_closed_incident_is_opened_again(closed: Person, world: World) -> None:
    page = await shown(closed)
    assert 'href="#rouvrir" aria-haspopup="dialog">Rouvrir l’incident</a>' in page
    form = await closed.form(INCIDENT, f"{INCIDENT}/rouvrir")
    assert (await closed.post(f"{INCIDENT}/rouvrir", form | {"text": ""})).status_code == 422
    sent = await closed.post(f"{INCIDENT}/rouvrir", form | {"text": "C’est revenu"})
    assert world.updates == [(NUMBER, "reopen", {"text": "C’est revenu"})]
    assert "L’incident est rouvert" in await shown(closed, sent.headers["location"])


async def test_what_was_closed_long_ago_leads_to_a_new_incident(closed: Person, world: World) -> None:
    world.incidents[NUMBER] |= {"actions": [], "can_be_followed": True}
    page = await shown(closed)
    assert "Rouvrir l’incident" not in page
    assert f'href="/incidents/nouveau?suite={NUMBER}"' in page
    begun = await closed.browser.get(f"/incidents/nouveau?suite={NUMBER}", follow_redirects=True)
    assert f'<a class="num" href="{INCIDENT}">n°&nbsp;{NUMBER}</a>' in begun.text
    assert 'value="messagerie.acces" selected' in begun.text
    assert 'value="01\u00a099\u00a000\u00a012\u00a034"' in begun.text
    form = hidden_fields(begun.text, "/incidents/nouveau") | {"confirmed": "messagerie.acces"}
    filled = {"subject": "messagerie.acces", "phone": "0199001234", "urgency": "low", "availability": "Midi"}
    sent = await closed.post("/incidents/nouveau", form | filled | {"description": "C’est revenu"})
    assert (sent.status_code, world.bodies[-1]["follows"]) == (303, NUMBER)


@pytest.mark.parametrize("status", ["cancelled", "merged"])
async def test_what_ended_for_good_leads_to_one_that_follows(closed: Person, world: World, status: str) -> None:
    world.incidents[NUMBER] |= {"status": status, "actions": [], "can_be_followed": True}
    page = await shown(closed)
    assert f'href="/incidents/nouveau?suite={NUMBER}"' in page


async def test_both_pages_lead_to_each_other(closed: Person, world: World) -> None:
    tie = {"number": "1261124_0009", "status": "to_handle", "status_label": "À prendre en compte"}
    world.incidents[NUMBER] |= {"follows": tie, "followed_by": [tie]}
    page = await shown(closed)
    assert page.count('href="/incidents/1261124_0009"') == 2
    assert "Fait suite à" in page


async def test_who_only_recorded_an_incident_is_not_asked(resolved: Person, world: World) -> None:
    world.incidents[NUMBER]["takes_part"] = False
    page = await shown(resolved)
    assert "Oui, c’est résolu" not in page
    world.incidents[NUMBER] |= {"status": "closed", "actions": ["reopen"]}
    assert "Rouvrir l’incident" not in await shown(resolved)
