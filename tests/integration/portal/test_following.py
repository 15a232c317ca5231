import re

import pytest

from services.portal.access.session import COOKIE
from tests.integration.portal.conftest import Person
from tests.integration.portal.services import World
from tests.integration.portal.test_creating import FILLED, PAGE, PNG

INCIDENT = "/incidents/1261124_0001"


async def created(person: Person, **fields: str) -> None:
    form = await person.new_form()
    sent = await person.post(PAGE, form | FILLED | {"seen": FILLED["subject"]} | fields)
    assert sent.headers["location"].endswith("/confirmation"), sent.text


async def test_the_list_has_a_magnifier_at_the_head_of_each_row(claire: Person) -> None:
    await created(claire)
    page = (await claire.browser.get("/incidents")).text
    row = page.split("<tbody>")[1].split("</tr>")[0]
    assert row.index("#search") < row.index("</span>1261124_0001") < row.index("Messagerie\u00a0: connexion impossible")
    assert "24/11/2026 10:52:07" in row
    assert "<p>1\u00a0incident</p>" in page


@pytest.mark.parametrize("address", [PAGE, INCIDENT])
async def test_texts_come_before_files_so_that_a_form_that_is_too_large_keeps_them(
    claire: Person, address: str
) -> None:
    await created(claire)
    page = (await claire.browser.get(address, follow_redirects=True)).text
    forms = [form.split("</form>")[0] for form in page.split("<form")[1:] if 'type="file"' in form.split("</form>")[0]]
    assert forms
    for form in forms:
        assert re.findall(r' name="(\w+)"', form)[-1] == "file"


async def test_pages_lead_forward_and_back(claire: Person, world: World) -> None:
    await created(claire)
    world.incidents |= {f"1261123_{n:04}": world.incidents["1261124_0001"] for n in range(44)}
    first = (await claire.browser.get("/incidents?sort=subject")).text
    assert "1 à 20 sur 45\u00a0incidents" in first
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = (await claire.browser.get(following[1].replace("&amp;", "&"))).text
    assert "21 à 40 sur 45" in second
    assert "sort=subject" in following[1]
    third_address = re.search(r'href="([^"]+)" rel="next"', second)
    assert third_address
    third = (await claire.browser.get(third_address[1].replace("&amp;", "&"))).text
    assert "41 à 45 sur 45" in third
    assert 'rel="next"' not in third
    back = re.search(r'href="([^"]+)" rel="prev"', third)
    assert back
    assert "21 à 40 sur 45" in (await claire.browser.get(back[1].replace("&amp;", "&"))).text


async def test_the_page_of_an_incident_has_everything(claire: Person) -> None:
    await created(claire)
    page = (await claire.browser.get(INCIDENT)).text
    for name in (
        "N°&nbsp;d’incident", "Statut", "Responsable", "Enregistré le", "Enregistré par", "Demandeur", "Bénéficiaire",
        "Origine", "Urgence", "Téléphone", "Disponibilité",
    ):  # fmt: skip
        assert f"<dt>{name}</dt>" in page
    for tab in ("Détails sur l’incident", "Documents", "News", "Erreurs connues liées"):
        assert tab in page
    assert "<dd>N/A" in page
    assert "24/11/2026 10:52:07" in page
    assert "Thunderbird refuse &lt;mon&gt; mot de passe." in page


async def test_an_update_says_only_what_changed(claire: Person, world: World) -> None:
    await created(claire)
    form = await claire.form(INCIDENT, f"{INCIDENT}/maj")
    unchanged = {"phone": "01\u00a099\u00a000\u00a012\u00a034", "availability": FILLED["availability"]}
    sent = await claire.post(f"{INCIDENT}/maj", form | unchanged | {"text": "De plus", "urgency": "critical"}, PNG)
    assert sent.headers["location"] == f"{INCIDENT}?avis=maj#avis"
    number, command, body = world.updates[0]
    assert (number, command) == ("1261124_0001", "updates")
    assert body["text"] == "De plus"
    assert body["urgency"] == "critical"
    assert len(body["uploads"]) == 1
    assert "phone" not in body
    page = (await claire.browser.get(sent.headers["location"])).text
    assert "Votre mise à jour est enregistrée" in page
    assert "De plus" in page


async def test_an_update_sent_twice_is_one(claire: Person, world: World) -> None:
    await created(claire)
    form = await claire.form(INCIDENT, f"{INCIDENT}/complement")
    for _ in range(2):
        sent = await claire.post(f"{INCIDENT}/complement", form | {"text": "De plus"})
        assert sent.status_code == 303
    assert len(world.updates) == 1


async def test_another_update_under_a_sent_form_is_kept_and_asked_about(claire: Person, world: World) -> None:
    await created(claire)
    form = await claire.form(INCIDENT, f"{INCIDENT}/complement")
    await claire.post(f"{INCIDENT}/complement", form | {"text": "De plus"})
    other = await claire.post(f"{INCIDENT}/complement", form | {"text": "Tout autre chose"})
    assert other.headers["location"] == f"{INCIDENT}?avis=deja#complement"
    page = (await claire.browser.get(other.headers["location"])).text
    assert "Ce formulaire a déjà été envoyé" in page
    assert "Tout autre chose</textarea>" in page
    assert len(world.updates) == 1
    fresh = await claire.form(INCIDENT, f"{INCIDENT}/complement")
    assert fresh["draft"] != form["draft"]
    await claire.post(f"{INCIDENT}/complement", fresh | {"text": "Tout autre chose"})
    assert [body["text"] for _, _, body in world.updates] == ["De plus", "Tout autre chose"]


async def test_an_update_changed_after_its_answer_was_lost_is_asked_about(claire: Person, world: World) -> None:
    await created(claire)
    form = await claire.form(INCIDENT, f"{INCIDENT}/complement")
    world.key_used = True
    other = await claire.post(f"{INCIDENT}/complement", form | {"text": "Changé"})
    assert other.headers["location"] == f"{INCIDENT}?avis=deja#complement"
    assert "Changé</textarea>" in (await claire.browser.get(other.headers["location"])).text


async def test_an_incident_that_closes_while_one_writes_shows_the_text(claire: Person, world: World) -> None:
    await created(claire)
    form = await claire.form(INCIDENT, f"{INCIDENT}/complement")
    world.closed = True
    for page in (
        await claire.post(f"{INCIDENT}/complement", form | {"text": "À ne pas perdre"}),
        await claire.browser.get(INCIDENT),
    ):
        assert "Ce que vous avez écrit n’est pas parti" in page.text
        assert "À ne pas perdre</textarea>" in page.text
        assert "/incidents/nouveau?objet=messagerie.acces" in page.text


async def test_a_draft_does_not_undo_what_others_changed_since(claire: Person, world: World) -> None:
    await created(claire)
    form = await claire.form(INCIDENT, f"{INCIDENT}/maj")
    shown = {"phone": form["was_phone"], "availability": form["was_availability"], "urgency": "critical"}
    address = f"/brouillon/{form['draft']}?formulaire=maj:1261124_0001"
    await claire.browser.post(address, data=form | shown | {"text": "Commencé"})
    world.incidents["1261124_0001"]["availability"] = "Jamais"
    page = (await claire.browser.get(INCIDENT)).text
    assert 'name="availability" value="Jamais"' in page
    assert '<option value="critical" selected>' in page
    assert '<details id="maj-changements" open>' in page
    await claire.browser.post(address, data=form | shown | {"text": "Commencé", "urgency": form["was_urgency"]})
    assert '<details id="maj-changements">' in (await claire.browser.get(INCIDENT)).text


async def test_what_was_typed_after_the_session_ended_is_found_without_its_address(claire: Person) -> None:
    await created(claire)
    form = await claire.form(INCIDENT, f"{INCIDENT}/maj")
    claire.browser.cookies.delete(COOKIE)
    await claire.browser.post(f"/brouillon/{form['draft']}?formulaire=maj:1261124_0001", data={"text": "Tapé après"})
    await claire.sign_in("claire.martin")
    assert "Tapé après</textarea>" in (await claire.browser.get(INCIDENT)).text


async def test_an_empty_update_and_a_refused_one_say_so_and_keep_the_text(claire: Person, world: World) -> None:
    await created(claire)
    form = await claire.form(INCIDENT, f"{INCIDENT}/maj")
    empty = await claire.post(f"{INCIDENT}/maj", form | {"text": " "})
    assert empty.status_code == 422
    assert "Erreur\u00a0: 1\u00a0point à corriger" in empty.text
    refused = await claire.post(f"{INCIDENT}/maj", form | {"text": "interdit"})
    assert refused.status_code == 422
    assert "Ce texte n’est pas permis." in refused.text
    assert "interdit</textarea>" in refused.text
    assert world.updates == []


async def test_the_address_of_a_form_leads_to_its_page(claire: Person) -> None:
    answer = await claire.browser.get(f"{INCIDENT}/maj")
    assert answer.headers["location"] == f"{INCIDENT}#maj"


async def test_an_update_survives_an_expired_session(claire: Person, world: World) -> None:
    await created(claire)
    form = await claire.form(INCIDENT, f"{INCIDENT}/maj")
    claire.browser.cookies.delete(COOKIE)
    sent = await claire.post(f"{INCIDENT}/maj", form | {"text": "Important à garder"})
    door = sent.headers["location"].replace("/connexion", "/connexion/aller")
    back = await claire.sign_in("claire.martin", door=door)
    assert back.headers["location"].endswith("#maj")
    page = (await claire.browser.get(back.headers["location"])).text
    assert "Important à garder</textarea>" in page.split('<dialog id="maj"')[1]
    assert world.updates == []


async def test_while_intake_is_away_an_update_waits(claire: Person, world: World) -> None:
    await created(claire)
    form = await claire.form(INCIDENT, f"{INCIDENT}/maj")
    world.intake_down = True
    answer = await claire.post(f"{INCIDENT}/maj", form | {"text": "Garder"})
    assert answer.status_code == 503
    assert "Garder</textarea>" in answer.text


async def test_cancelling_needs_a_reason(claire: Person, world: World) -> None:
    await created(claire)
    form = await claire.form(INCIDENT, f"{INCIDENT}/annuler")
    assert (await claire.post(f"{INCIDENT}/annuler", form | {"text": ""})).status_code == 422
    assert (await claire.post(f"{INCIDENT}/annuler", form | {"text": "Réglé"})).status_code == 303
    assert world.updates == [("1261124_0001", "cancel", {"text": "Réglé"})]


async def test_someone_elses_incident_is_not_found(claire: Person, world: World) -> None:
    await created(claire)
    world.incidents["1261124_0001"]["who"] = "somebody"
    for address in (INCIDENT, "/incidents/..%2Fqueues", "/incidents/%3Fx"):
        answer = await claire.browser.get(address, follow_redirects=True)
        assert answer.status_code == 404, address
    assert (await claire.browser.get(INCIDENT)).status_code == 404
    assert "Page introuvable" in (await claire.browser.get(INCIDENT)).text


async def test_who_only_recorded_an_incident_is_not_addressed_as_its_requester(claire: Person, world: World) -> None:
    await created(claire)
    assert "Ajouter un complément" in (await claire.browser.get(INCIDENT)).text
    world.incidents["1261124_0001"]["takes_part"] = False
    page = (await claire.browser.get(INCIDENT)).text
    assert "Ajouter un complément" not in page
    assert "Annuler l’incident" not in page


async def test_a_document_that_the_browser_still_has_is_not_sent_again(claire: Person) -> None:
    await created(claire)
    address = f"{INCIDENT}/documents/5d0f6f0e-0000-4000-8000-000000000000"
    first = await claire.browser.get(address)
    again = await claire.browser.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


async def test_documents_are_passed_on_with_ranges_and_cannot_act(claire: Person) -> None:
    await created(claire)
    whole = await claire.browser.get(f"{INCIDENT}/documents/5d0f6f0e-0000-4000-8000-000000000000")
    assert whole.content == b"byte"
    assert whole.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in whole.headers["content-security-policy"]
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = await claire.browser.get(f"{INCIDENT}/documents/x", headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"by", "bytes 0-1/4")


async def test_changes_are_passed_on_and_strangers_are_told_not_to_come_again(claire: Person) -> None:
    events = await claire.browser.get("/flux")
    assert events.headers["content-type"].startswith("text/event-stream")
    assert b"retry: 3000" in events.content
    assert b"1261124_0001" in events.content
    claire.browser.cookies.delete(COOKIE)
    assert (await claire.browser.get("/flux")).status_code == 204


async def test_preferences_show_on_every_page(claire: Person) -> None:
    form = await claire.form("/preferences", "/preferences")
    await claire.browser.post("/preferences", data={**form, "theme": "dark"})
    page = (await claire.browser.get("/aide")).text
    assert '<html lang="fr" data-theme="dark" data-shortcuts="off">' in page


async def test_strict_headers_on_every_answer(claire: Person) -> None:
    for address in ("/", "/connexion", "/rien", "/static/x/theme.css", "/health/live"):
        headers = (await claire.browser.get(address)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'; form-action 'self' http://127.0.0.1:8003; frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


async def test_pages_hold_neither_inline_script_nor_inline_style_nor_straight_apostrophes(claire: Person) -> None:
    await created(claire)
    for address in ("/", PAGE, "/incidents", INCIDENT, f"{INCIDENT}/confirmation", "/aide", "/donnees", "/preferences"):
        page = (await claire.browser.get(address, follow_redirects=True)).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", page), address
        assert page.count("<h1") == 1, address
        words = re.sub(r"<[^>]+>", "", page.split("<body")[1])
        assert not re.search(r"\w'\w| [;!?:]", words), address


async def test_files_of_the_look_are_kept_for_ever_under_their_own_address(claire: Person) -> None:
    page = (await claire.browser.get("/aide")).text
    for address in re.findall(r'(?:href|src)="(/static/[^"#]+)', page):
        answer = await claire.browser.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]
    assert (await claire.browser.get("/static/old/theme.css")).headers["cache-control"] == "no-cache"
    assert (await claire.browser.get("/static/x/..%2Fapp.py")).status_code == 404


async def test_a_person_downloads_what_is_held_about_them(claire: Person) -> None:
    page = (await claire.browser.get("/donnees")).text
    assert 'href="/donnees/export"' in page
    answer = await claire.browser.get("/donnees/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="cecoia-mes-donnees.json"'
    assert answer.json() == {"names": ["claire.martin"]}
    claire.browser.cookies.delete(COOKIE)
    assert "/donnees/export" not in (await claire.browser.get("/donnees")).text
