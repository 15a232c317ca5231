"""Forms of other sites, of other people and of nobody are refused, each of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import pytest
from litestar import Litestar

from tests.integration.portal.conftest import PORTAL, Person
from tests.integration.portal.services import World
from tests.intruders.test_roles import routes

NUMBER = "1261124_0001"
DRAFT = "0123456789012345678901"
SOME = "0b6b2f9e-6f57-5a0c-9a8e-0a2f4c1d7e55"
#: Forms that are not for those who ask for something.
STAFF = {
    f"/incidents/{NUMBER}/actions/take",
    "/appels/nouveau",
    "/catalogue/fichier",
    "/catalogue/objets",
    "/catalogue/objets/messagerie.acces",
    "/catalogue/objets/messagerie.acces/retrait",
    "/erreurs-connues/nouvelle",
    f"/erreurs-connues/{NUMBER}/retrait",
    "/files/lot",
    f"/files/lot/{DRAFT}/annuler",
    "/files/suivant",
    "/files/vues",
    f"/files/vues/{SOME}/retirer",
    "/news/nouvelle",
    f"/news/{SOME}/retrait",
    "/rapports/enregistres",
    f"/rapports/enregistres/{SOME}/renommer",
    f"/rapports/enregistres/{SOME}/retirer",
    "/webhooks",
    f"/webhooks/{SOME}/take",
}


def posts(portal: Litestar) -> list[str]:
    """The address of every route that takes a form."""
    values = {"{number:str}": NUMBER, "{form:str}": "maj", "{command:str}": "take", "{draft:str}": DRAFT}
    values |= {"{webhook:str}": SOME, "{news:str}": SOME, "{saved:uuid}": SOME, "{lot:str}": DRAFT}
    values |= {"{part:str}": "objets", "{code:str}": "messagerie.acces"}

    def filled(path: str) -> str:
        return reduce(lambda text, pair: text.replace(*pair), values.items(), path)

    return [filled(path) for path, methods in routes(portal) if "POST" in methods]


async def test_there_are_forms(portal: Litestar) -> None:
    assert len(posts(portal)) >= 7


@pytest.mark.parametrize(
    "token", [None, "", "guessed", "é", "0" * 64], ids=["none", "empty", "guessed", "accent", "hex"]
)
async def test_no_form_is_taken_without_its_token(
    portal: Litestar, claire: Person, world: World, token: str | None
) -> None:
    found = {}
    for address in posts(portal):
        fields = {"text": "x"} if token is None else {"csrf": token, "text": "x"}
        found[address, "multipart"] = (await claire.post(address, fields, ("a.png", b"\x89PNG"))).status_code
        found[address, "plain"] = (await claire.browser.post(address, data=fields)).status_code
    assert {where: status for where, status in found.items() if status != 403} == {}
    assert (world.incidents, world.updates, world.uploads) == ({}, [], {})


async def test_no_form_is_taken_with_the_token_of_another(
    portal: Litestar, claire: Person, browser: Callable[[], Person], world: World
) -> None:
    hugo = browser()
    await hugo.sign_in("hugo.petit")
    theirs = (await hugo.new_form())["csrf"]
    answers = {address: await claire.post(address, {"csrf": theirs}) for address in posts(portal)}
    assert {address: answer.status_code for address, answer in answers.items() if answer.status_code != 403} == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{PORTAL}.evil.example"},
        {"Origin": "http://127.0.0.1:8003"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": PORTAL},
    ],
    ids=str,
)
async def test_no_form_of_another_site_is_taken_even_with_the_token(
    portal: Litestar, claire: Person, headers: dict[str, str]
) -> None:
    form = await claire.new_form()
    answers = {
        address: await claire.browser.post(address, data={"csrf": form["csrf"]}, headers=headers)
        for address in posts(portal)
    }
    assert {address: answer.status_code for address, answer in answers.items() if answer.status_code != 403} == {}


async def test_a_form_of_ours_is_taken(portal: Litestar, claire: Person) -> None:
    """What the refusals above are compared with."""
    form = await claire.new_form()
    headers = {"Origin": PORTAL, "Sec-Fetch-Site": "same-origin"}
    answers = {
        address: await claire.browser.post(address, data={"csrf": form["csrf"], "draft": DRAFT}, headers=headers)
        for address in posts(portal)
        if address != "/deconnexion"
    }
    refused = {address for address, answer in answers.items() if answer.status_code == 403}
    assert refused == STAFF


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "", "multipart/form-data"])
async def test_what_a_page_can_send_without_asking_is_no_form(portal: Litestar, claire: Person, kind: str) -> None:
    form = await claire.new_form()
    content = f"csrf={form['csrf']}".encode()
    for address in posts(portal):
        answer = await claire.browser.post(address, content=content, headers={"Content-Type": kind})
        assert answer.status_code in {400, 403}, address
