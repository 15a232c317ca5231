"""The history of all events names nobody, unless a token that may see it asks for it."""

from __future__ import annotations

from typing import Final

import pytest

from tests.intruders.conftest import House
from tests.support.intake import FORM

pytestmark = pytest.mark.slow

SECRET: Final = "coquecigrue"
#: Roles that read the feed, with what they may see when they ask for it.
SEES: Final = {
    ("reporting",): False,
    ("supervisor",): False,
    ("supervisor", "reporting"): False,
    ("reporting", "personal"): True,
    ("supervisor", "personal"): True,
}
#: Roles that do not, whatever they add.
SHUT_OUT: Final = (("personal",), ("requester", "personal"), ("agent", "personal"), ("Personal", "reporting "))
FORMS: Final = ("application/json", "application/x-ndjson")


@pytest.mark.parametrize("form", FORMS)
async def test_only_who_may_and_asks_reads_personal_texts(house: House, form: str) -> None:
    await house.incident(description=f"Mon {SECRET}")
    for roles, sees in SEES.items():
        headers = house.bearer("reporting", roles=list(roles)) | {"Accept": form}
        plain = await house.ask("query", "GET", "/v1/events?type=IncidentCreated", headers)
        asked = await house.ask("query", "GET", "/v1/events?type=IncidentCreated&personal=true", headers)
        assert (plain.status_code, asked.status_code) == (200, 200 if sees else 403), roles
        assert not any(trace in plain.text for trace in (SECRET, FORM["phone"], "sealed."))
        assert (SECRET in asked.text) is sees


async def test_the_role_opens_nothing_by_itself(house: House) -> None:
    for roles in SHUT_OUT:
        headers = house.bearer("reporting", roles=list(roles))
        for query in ("", "?personal=true"):
            assert (await house.ask("query", "GET", f"/v1/events{query}", headers)).status_code == 403


async def test_a_stream_is_opened_by_the_same_rules(house: House) -> None:
    """Only its head is read: there is no end to wait for."""
    stream = {"Accept": "text/event-stream"}
    for actor, status in {"own": 403, "agent": 403, "reporting": 200, "supervisor": 200}.items():
        assert (await house.ask("query", "GET", "/v1/events", house.bearer(actor) | stream)).status_code == status
    assert (await house.ask("query", "GET", "/v1/events", stream)).status_code == 401
    headers = house.bearer("reporting") | stream
    assert (await house.ask("query", "GET", "/v1/events?personal=true", headers)).status_code == 403
