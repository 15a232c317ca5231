"""A whole stack moves into another home, its people with it, and nobody there notices."""

from pathlib import Path

import pytest

from tests.integration.deploy.conftest import Running, Start
from tests.integration.deploy.test_recovery import attach, command
from tests.integration.deploy.test_stack import create, eventually
from tests.support.mails import await_mail

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def history(running: Running) -> list[dict]:
    """Every event with its position, as the feed tells it."""
    items, after = list[dict](), None
    with running.stack.query("sophie.durand") as query:
        while True:
            parameters = {"limit": 1000} | ({"after": after} if after else {})
            page = query.get("/v1/events", params=parameters).raise_for_status().json()
            if not page["items"]:
                return items
            items += page["items"]
            after = page["next"]


def confirmed(running: Running) -> int:
    return sum(item["type"] == "ConfirmationSent" for item in history(running))


def rank(number: str) -> tuple[str, int]:
    day, _, last = number.partition("_")
    return day, int(last)


def test_a_house_is_moved(start: Start, tmp_path: Path) -> None:
    folder = str(tmp_path / "moving")
    running = start()
    running.wait_ready()
    first = create(running)
    document = attach(running, first, b"ce que je vois")
    old = running.stack.home
    assert "this is not all: stop the services" in command(old, "deploy.moving", "export", folder)
    last = create(running)
    await_mail(old, "claire.martin@cecoia.example", last, seconds=60)
    eventually(lambda: confirmed(running) == 2)
    known = history(running)
    running.process.terminate()
    assert running.wait_ended(20) == 0
    assert f"{folder}.key opens it" in command(old, "deploy.moving", "export", folder)

    home = tmp_path / "home"
    assert "all verified" in command(home, "deploy.moving", "import", folder)
    again = Running(home, running.stack.port)
    try:
        again.wait_ready()
        assert history(again)[: len(known)] == known
        with again.stack.query("claire.martin") as query:
            found = query.get(f"/v1/incidents/{first}/documents/{document}").raise_for_status()
        assert found.content == b"ce que je vois"
        new = create(again)
        assert rank(new) == (rank(last)[0], rank(last)[1] + 1) or rank(new)[0] > rank(last)[0]
        await_mail(home, "claire.martin@cecoia.example", new, seconds=60)
        eventually(lambda: confirmed(again) == 3)  # a mail arrives a moment before its record
        assert "are as they were sealed" in command(home, "shared.journal", "verify")
        assert "equal" in command(home, "services.query", "prove", "tracking")
    finally:
        again.close()
