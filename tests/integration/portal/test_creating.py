import asyncio
import re
from collections.abc import Callable

import pytest
from litestar import Litestar
from redis.asyncio import Redis

from services.portal.access.session import COOKIE
from services.portal.drafts import forms
from services.portal.drafts.store import new_id
from services.portal.drafts.waiting import MOST
from tests.integration.portal.conftest import Person, hidden_fields
from tests.integration.portal.services import World

MakePerson = Callable[[], Person]

FILLED = {
    "subject": "messagerie.acces",
    "phone": "01 99 00 12 34",
    "urgency": "high",
    "availability": "Jusqu’à 17 h",
    "description": "Thunderbird refuse <mon> mot de passe.",
}
PNG = ("écran.png", b"\x89PNG content")
PAGE = "/incidents/nouveau"


async def test_a_filled_form_becomes_one_incident_and_a_confirmation(claire: Person, world: World) -> None:
    form = await claire.new_form()
    sent = await claire.post(PAGE, form | FILLED, PNG)
    assert sent.headers["location"] == "/incidents/1261124_0001/confirmation"
    assert (world.bodies[0]["description"], world.bodies[0]["origin"]) == (FILLED["description"], "portal")
    assert len(world.bodies[0]["uploads"]) == 1
    page = (await claire.browser.get(sent.headers["location"])).text
    for words in (
        "1261124_0001",
        "24/11/2026 10:52:07",
        "01\u00a099\u00a000\u00a099\u00a000",
        "01\u00a099\u00a000\u00a012\u00a034",
        "écran.png",
    ):
        assert words in page
    assert "p1" in world.positions


async def test_whom_to_call_is_the_operators_choice(claire: Person) -> None:
    page = (await claire.browser.get("/aide")).text
    assert page.count('href="tel:0199009900"') == 3  # menu, text, foot
    assert "0820" not in page


async def test_a_double_click_makes_one_incident(claire: Person, world: World) -> None:
    world.slow = 0.2
    form = await claire.new_form()
    answers = await asyncio.gather(*(claire.post(PAGE, form | FILLED, PNG) for _ in range(3)))
    assert {answer.headers.get("location") for answer in answers} == {"/incidents/1261124_0001/confirmation"}
    assert len(world.incidents) == 1


async def test_sending_the_same_page_again_later_leads_to_the_same_incident(claire: Person, world: World) -> None:
    form = await claire.new_form()
    await claire.post(PAGE, form | FILLED)
    again = await claire.post(PAGE, form | FILLED)
    assert again.headers["location"] == "/incidents/1261124_0001/confirmation"
    assert len(world.incidents) == 1


async def test_another_text_under_a_sent_form_is_kept_and_asked_about(claire: Person, world: World) -> None:
    form = await claire.new_form()
    await claire.post(PAGE, form | FILLED)
    other = await claire.post(PAGE, form | FILLED | {"description": "Tout autre chose"})
    assert "deja=1261124_0001" in other.headers["location"]
    page = (await claire.browser.get(other.headers["location"])).text
    assert "Ce formulaire a déjà été envoyé" in page
    assert "Tout autre chose" in page
    assert len(world.incidents) == 1


async def test_another_file_under_a_sent_form_is_not_dropped(claire: Person, world: World) -> None:
    form = await claire.new_form()
    await claire.post(PAGE, form | FILLED, PNG)
    other = await claire.post(PAGE, form | FILLED, ("autre.png", b"\x89PNG other"))
    assert "deja=1261124_0001" in other.headers["location"]
    assert "autre.png" in (await claire.browser.get(other.headers["location"])).text


async def test_every_error_is_told_twice_in_order_and_everything_stays(claire: Person, world: World) -> None:
    form = await claire.new_form()
    answer = await claire.post(PAGE, form | FILLED | {"subject": "", "phone": "12", "description": ""}, PNG)
    assert answer.status_code == 422
    assert "<title>Erreur\u00a0: 3\u00a0points à corriger – Créer un incident" in answer.text
    assert re.findall(r'<li><a href="#(\w+)">', answer.text) == ["objet", "telephone", "description"]
    assert answer.text.count("hoisissez dans la liste ce qui s’approche le plus") == 2
    for kept in ('value="12"', "Jusqu’à 17 h", "écran.png", '<option value="high" selected>'):
        assert kept in answer.text
    assert world.incidents == {}
    fixed = await claire.post(PAGE, hidden_fields(answer.text, PAGE) | FILLED)
    assert fixed.headers["location"].endswith("/confirmation")
    assert len(world.bodies[0]["uploads"]) == 1


async def test_availability_is_asked_for_with_all_other_errors(claire: Person) -> None:
    form = await claire.new_form()
    answer = await claire.post(PAGE, form | {"phone": "12", "urgency": "normal"})
    found = re.findall(r'<li><a href="#(\w+)">', answer.text)
    assert found == ["objet", "telephone", "disponibilite", "description"]


async def test_a_program_is_refused_and_the_rest_stays(claire: Person, world: World) -> None:
    form = await claire.new_form()
    answer = await claire.post(PAGE, form | FILLED, PNG, ("image.png", b"MZ program"))
    assert answer.status_code == 422
    assert "est un programme" in answer.text
    assert "écran.png" in answer.text
    assert world.incidents == {}


async def test_a_document_can_be_taken_out(claire: Person, world: World) -> None:
    form = await claire.new_form()
    answer = await claire.post(PAGE, form | FILLED | {"subject": ""}, PNG)
    name = re.search(r'name="remove" value="([^"]+)"', answer.text)
    assert name
    removed = await claire.post(PAGE, form | FILLED | {"remove": name[1]})
    page = (await claire.browser.get(removed.headers["location"])).text
    assert "écran.png" not in page
    assert FILLED["availability"] in page


async def test_an_open_incident_on_the_subject_is_shown_once_before_sending(claire: Person, world: World) -> None:
    await claire.post(PAGE, await claire.new_form() | FILLED)
    form = await claire.new_form()
    second = FILLED | {"description": "Encore"}
    notice = await claire.post(PAGE, form | second)
    assert notice.status_code == 200
    assert "Ne saisissez pas de nouvelle demande si vous n’obtenez pas de réponse" in notice.text
    assert "Encore" in notice.text
    assert len(world.incidents) == 1
    sent = await claire.post(PAGE, form | second | {"confirmed": "messagerie.acces"})
    assert sent.headers["location"] == "/incidents/1261124_0002/confirmation"


@pytest.mark.parametrize("fault", ["refused", "down"])
async def test_what_was_confirmed_is_not_asked_again(claire: Person, world: World, fault: str) -> None:
    await claire.post(PAGE, await claire.new_form() | FILLED)
    form = await claire.new_form()
    world.intake_down = fault == "down"
    wrong = FILLED | ({"phone": "12"} if fault == "refused" else {})
    answer = await claire.post(PAGE, form | wrong | {"confirmed": "messagerie.acces"})
    assert answer.status_code in {422, 503}
    world.intake_down = False
    sent = await claire.post(PAGE, hidden_fields(answer.text, PAGE) | FILLED)
    assert sent.headers["location"] == "/incidents/1261124_0002/confirmation"


async def test_what_was_typed_can_be_given_to_the_open_incident(claire: Person, world: World) -> None:
    await claire.post(PAGE, await claire.new_form() | FILLED)
    form = await claire.new_form()
    given = await claire.post(PAGE, form | FILLED | {"description": "Encore", "add_to": "1261124_0001"}, PNG)
    assert given.headers["location"] == "/incidents/1261124_0001#maj"
    page = (await claire.browser.get("/incidents/1261124_0001")).text
    dialog = page.split('<dialog id="maj"')[1]
    assert "Encore" in dialog
    assert "écran.png" in dialog


async def test_what_is_given_to_an_incident_joins_the_update_begun_there(claire: Person) -> None:
    await claire.post(PAGE, await claire.new_form() | FILLED)
    update = await claire.form("/incidents/1261124_0001", "/incidents/1261124_0001/maj")
    await claire.browser.post(
        f"/brouillon/{update['draft']}?formulaire=maj:1261124_0001", data={"csrf": update["csrf"], "text": "Commencé"}
    )
    form = await claire.new_form()
    await claire.post(PAGE, form | FILLED | {"description": "Encore", "add_to": "1261124_0001"})
    page = (await claire.browser.get("/incidents/1261124_0001")).text
    assert "Commencé\n\nEncore</textarea>" in page


async def test_the_fragment_says_nothing_about_a_new_subject(claire: Person) -> None:
    answer = await claire.browser.get("/incidents/ouverts?subject=poste.logiciel")
    assert (answer.status_code, answer.text.strip()) == (200, "")


async def test_while_intake_is_away_everything_is_kept_and_sent_later(claire: Person, world: World) -> None:
    form = await claire.new_form()
    world.intake_down = True
    answer = await claire.post(PAGE, form | FILLED)
    assert answer.status_code == 503
    assert "Votre demande n’est pas encore partie" in answer.text
    assert "01\u00a099\u00a000\u00a099\u00a000" in answer.text
    assert FILLED["availability"] in answer.text
    world.intake_down = False
    assert (await claire.post(PAGE, hidden_fields(answer.text, PAGE) | FILLED)).status_code == 303
    assert len(world.incidents) == 1


async def test_while_query_is_away_incidents_can_still_be_created(claire: Person, world: World) -> None:
    await claire.new_form()
    world.query_down = True
    form = await claire.new_form()
    sent = await claire.post(PAGE, form | FILLED)
    page = await claire.browser.get(sent.headers["location"])
    assert page.status_code == 200
    assert "1261124_0001" in page.text
    assert (await claire.browser.get("/incidents")).status_code == 503
    assert (await claire.browser.get("/")).status_code == 200


async def test_a_late_projection_does_not_hide_the_confirmation(claire: Person, world: World) -> None:
    form = await claire.new_form()
    world.projection_late = True
    sent = await claire.post(PAGE, form | FILLED)
    assert (await claire.browser.get(sent.headers["location"])).status_code == 200


async def test_an_expired_session_keeps_the_form_for_its_person(claire: Person, world: World) -> None:
    form = await claire.new_form()
    claire.browser.cookies.delete(COOKIE)
    sent = await claire.post(PAGE, form | FILLED, PNG)
    assert "conserve=oui" in sent.headers["location"]
    assert "Ce que vous avez saisi est conservé" in (await claire.browser.get(sent.headers["location"])).text
    back = await claire.sign_in(
        "claire.martin", door=sent.headers["location"].replace("/connexion", "/connexion/aller")
    )
    page = (await claire.browser.get(back.headers["location"])).text
    assert FILLED["availability"] in page
    assert "Thunderbird refuse &lt;mon&gt; mot de passe." in page
    assert "<b>écran.png</b>" in page
    assert (await claire.post(PAGE, hidden_fields(page, PAGE) | FILLED)).status_code == 303
    (body,) = world.bodies
    (upload,) = body["uploads"]
    assert world.uploads[upload]["size"] == len(PNG[1])


async def test_a_document_that_cannot_wait_is_asked_for_again(claire: Person, world: World) -> None:
    form = await claire.new_form()
    claire.browser.cookies.delete(COOKIE)
    sent = await claire.post(PAGE, form | FILLED, (PNG[0], bytes(MOST + 1)))
    back = await claire.sign_in(
        "claire.martin", door=sent.headers["location"].replace("/connexion", "/connexion/aller")
    )
    page = (await claire.browser.get(back.headers["location"])).text
    assert "Documents à joindre de nouveau" in page
    assert "écran.png" in page


async def test_a_form_that_was_shown_to_nobody_is_not_kept(browser: MakePerson, redis_url: str) -> None:
    sent = await browser().post(PAGE, FILLED | {"draft": "A" * 22}, PNG)
    assert sent.headers["location"] == "/connexion?retour=%2Fincidents%2Fnouveau"
    async with Redis.from_url(redis_url) as redis:
        assert [key async for key in redis.scan_iter("portal:draft*")] == []


async def test_nobody_else_finds_what_was_kept(claire: Person, browser: MakePerson) -> None:
    form = await claire.new_form()
    claire.browser.cookies.delete(COOKIE)
    sent = await claire.post(PAGE, form | FILLED)
    address = f"{PAGE}?brouillon={form['draft']}"
    await claire.sign_in("hugo.petit")  # on the same machine
    assert FILLED["availability"] not in (await claire.browser.get(address, follow_redirects=True)).text
    stranger = browser()
    await stranger.sign_in("claire.martin")  # herself, elsewhere: it waits in the other browser
    assert FILLED["availability"] not in (await stranger.browser.get(address, follow_redirects=True)).text
    await claire.sign_in("claire.martin")
    assert FILLED["availability"] in (await claire.browser.get(address)).text
    assert sent.status_code == 303


async def test_a_draft_of_a_person_cannot_be_read_by_another(claire: Person, browser: MakePerson) -> None:
    form = await claire.new_form()
    await claire.browser.post(f"/brouillon/{form['draft']}", data={"csrf": form["csrf"], **FILLED})
    hugo = browser()
    await hugo.sign_in("hugo.petit")
    page = (await hugo.browser.get(f"{PAGE}?brouillon={form['draft']}", follow_redirects=True)).text
    assert FILLED["availability"] not in page
    assert FILLED["availability"] in (await claire.browser.get(f"{PAGE}?brouillon={form['draft']}")).text


async def test_typing_is_kept_and_offered_again(claire: Person) -> None:
    form = await claire.new_form()
    kept = await claire.browser.post(
        f"/brouillon/{form['draft']}?formulaire=create", data={"csrf": form["csrf"], **FILLED}
    )
    assert kept.json()["kept"]
    page = (await claire.browser.get(PAGE, follow_redirects=True)).text
    assert "Vous avez un brouillon non envoyé" in page
    dropped = await claire.post(PAGE, {"csrf": form["csrf"], "draft": form["draft"], "discard": "oui"})
    assert dropped.status_code == 303
    assert "Vous avez un brouillon" not in (await claire.browser.get(PAGE, follow_redirects=True)).text


async def test_a_sent_draft_is_gone_and_stays_gone(claire: Person) -> None:
    form = await claire.new_form()
    await claire.post(PAGE, form | FILLED)
    late = await claire.browser.post(f"/brouillon/{form['draft']}", data={"csrf": form["csrf"], **FILLED})
    assert (late.status_code, late.json()["kept"]) == (409, False)
    attached = f"/brouillon/{form['draft']}/fichiers?formulaire=create&champ=documents"
    assert (await claire.post(attached, {"csrf": form["csrf"]}, PNG)).status_code == 409
    assert "Vous avez un brouillon" not in (await claire.browser.get(PAGE, follow_redirects=True)).text


async def test_a_chosen_file_is_kept_at_once(claire: Person) -> None:
    form = await claire.new_form()
    address = f"/brouillon/{form['draft']}/fichiers?formulaire=create&champ=documents"
    box = await claire.post(address, {"csrf": form["csrf"]}, PNG)
    assert box.status_code == 200
    assert "data-files=" in box.text
    assert "Retirer" in box.text
    twice = await claire.post(address, {"csrf": form["csrf"]}, PNG)
    assert twice.text.count("<b>écran.png</b>") == 1
    refused = await claire.post(address, {"csrf": form["csrf"]}, ("x.png", b"MZ"))
    assert refused.status_code == 422
    assert "écran.png" in refused.text


@pytest.mark.parametrize("more", [300_000, 5_000_000])
async def test_a_text_that_is_far_too_long_stays_in_the_form(claire: Person, world: World, more: int) -> None:
    form = await claire.new_form()
    answer = await claire.post(PAGE, form | FILLED | {"description": "Tout. " + "x" * more, "phone": ""}, PNG)
    assert answer.status_code == 422
    assert re.findall(r'<li><a href="#(\w+)">', answer.text) == ["description"]
    assert f"Tout. {'x' * 300_000}" in answer.text
    assert "écran.png" in answer.text
    assert world.incidents == {}


async def test_a_form_that_is_too_large_keeps_its_texts_and_says_what_is_missing(
    claire: Person, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "FORM_SIZE", 300_000)
    form = await claire.new_form()
    answer = await claire.post(PAGE, form | FILLED, PNG, ("film.png", bytes(5_000_000)))
    assert answer.status_code == 422
    for kept in ("Thunderbird refuse &lt;mon&gt; mot de passe.", FILLED["availability"], "<b>écran.png</b>"):
        assert kept in answer.text
    assert "Il manque «\u00a0film.png\u00a0» et ce qui suivait" in answer.text
    assert world.incidents == {}


async def test_files_sent_at_once_that_are_too_much_are_named(claire: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "FORM_SIZE", 300_000)
    form = await claire.new_form()
    address = f"/brouillon/{form['draft']}/fichiers?formulaire=create&champ=documents"
    box = await claire.post(address, {"csrf": form["csrf"]}, PNG, ("film.png", bytes(5_000_000)))
    assert box.status_code == 422
    assert "<b>écran.png</b>" in box.text
    assert "Il manque «\u00a0film.png\u00a0»" in box.text


async def test_what_an_agent_writes_is_kept_when_it_is_far_too_long(browser: MakePerson, portal: Litestar) -> None:
    nadia = browser()
    await nadia.sign_in("nadia.benali")
    form = await nadia.form("/preferences", "/deconnexion") | {"draft": new_id(), "text": "x" * 1_500_000}
    sent = await nadia.post("/incidents/1261124_0001/actions/reply", form)
    assert "avis=refus" in sent.headers["location"]
    session = await portal.state.site.sessions.load(nadia.browser.cookies[COOKIE])
    kept = await portal.state.site.drafts.load(session.owner, form["draft"])
    assert len(kept.fields["text"]) == 1_500_000


async def test_too_many_files_cost_no_text(claire: Person) -> None:
    form = await claire.new_form()
    answer = await claire.post(PAGE, form | FILLED, *((f"{n}.png", b"%d" % n) for n in range(130)))
    assert answer.status_code == 422
    assert FILLED["availability"] in answer.text
    assert "joignez-les en plusieurs fois" in answer.text


async def test_a_form_that_is_too_large_and_came_too_late_waits_with_its_texts(
    claire: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "FORM_SIZE", 300_000)
    form = await claire.new_form()
    claire.browser.cookies.delete(COOKIE)
    sent = await claire.post(PAGE, form | FILLED, ("film.png", bytes(5_000_000)))
    back = await claire.sign_in(
        "claire.martin", door=sent.headers["location"].replace("/connexion", "/connexion/aller")
    )
    page = (await claire.browser.get(back.headers["location"])).text
    assert FILLED["availability"] in page
    assert "Documents à joindre de nouveau" in page
    assert "film.png" in page


@pytest.mark.parametrize("token", ["", "guessed"])
async def test_a_form_without_its_token_is_refused(claire: Person, world: World, token: str) -> None:
    form = await claire.new_form()
    answer = await claire.post(PAGE, form | FILLED | {"csrf": token})
    assert answer.status_code == 403
    assert "Page non autorisée" in answer.text
    assert world.incidents == {}


async def test_a_file_before_the_token_is_not_taken(claire: Person, world: World) -> None:
    form = await claire.new_form()
    answer = await claire.browser.post(
        PAGE, files=[("file", ("a.png", b"x", "image/png")), ("csrf", (None, form["csrf"].encode()))]
    )
    assert answer.status_code == 403
    assert world.uploads == {}


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
async def test_another_site_cannot_post(claire: Person, world: World, headers: dict[str, str]) -> None:
    form = await claire.new_form()
    answer = await claire.browser.post(PAGE, data=form | FILLED, headers=headers)
    assert answer.status_code == 403
    assert world.incidents == {}


async def test_a_cut_or_broken_body_is_a_page_and_nothing_more(claire: Person, world: World) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    form = await claire.new_form()
    start = f'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{form["csrf"]}\r\n--x\r\nContent-Dis'
    for body in (start.encode(), b"nothing", b"--x\r\n\xff\xfe: 1\r\n\r\n", b""):
        answer = await claire.browser.post(PAGE, content=body, headers=kind)
        assert answer.status_code in {400, 403}, body
        assert "<h1>" in answer.text
    assert (await claire.browser.post(PAGE, content=b"{}")).status_code == 400
    assert world.incidents == {}
