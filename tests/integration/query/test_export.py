"""A person gets everything that is held about them, and nothing about others that they may not see."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from uuid import uuid4

from shared.events import incident, notification
from shared.events.vocabulary import Message, Role


async def story(journal):
    claire, hugo, nadia = [await journal.person(sub, sub.title()) for sub in ("claire", "hugo", "nadia")]
    sent = {"message": Message.CREATION, "message_id": "<1@cecoia>", "cause": uuid4(), "attempts": 1}
    stream, mine = await journal.create(claire, "Mon écran est noir")
    for event in (
        notification.ConfirmationSent(to=claire, sent_at=datetime.now(UTC), **sent),
        notification.NotificationFailed(to=claire, error="550 inconnue", **sent),
        incident.IncidentTaken(by=nadia, group="messagerie"),
        incident.ReplySent(by=nadia, text="Quel écran ?"),
        incident.DocumentAttached(
            document=uuid4(), by=claire, filename="écran.png", media_type="image/png", size=3, sha256="0" * 64
        ),
    ):
        await journal.add(stream, event, owner=claire.id)
    _, other = await journal.create(hugo, "Pour Claire", beneficiary=claire)
    _, written = await journal.create(hugo, "Dicté au téléphone", recorded_by=nadia)
    return mine, other, written


async def test_a_person_gets_what_is_held_about_them(api, journal, projected):
    mine, other, written = await story(journal)
    await projected(written.position)
    answer = await api.as_("claire", name="Claire").get("/v1/me/export")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="cecoia-mes-donnees.json"'
    found = answer.json()
    assert [one["detail"]["number"] for one in found["incidents"]] == [mine.number, other.number]
    assert (found["names"], found["addresses"]) == (["Claire"], ["claire@cecoia.example"])
    assert [mail["error"] for mail in found["mails"]] == [None, "550 inconnue"]
    assert {mail["address"] for mail in found["mails"]} == {"claire@cecoia.example"}
    first = found["incidents"][0]
    assert (first["detail"]["description"], first["detail"]["phone"]) == ("Mon écran est noir", "+33199001234")
    assert [document["filename"] for document in first["detail"]["documents"]] == ["écran.png"]
    assert "Quel écran ?" in [entry["text"] for entry in first["detail"]["timeline"]]
    assert "ConfirmationSent" in [event["type"] for event in first["history"]]
    assert "nadia@cecoia.example" not in answer.text
    assert "Dicté au téléphone" not in answer.text
    assert found["recorded"] == []


async def test_an_agent_gets_numbers_of_what_they_wrote_down_for_others(api, journal, projected):
    *_, written = await story(journal)
    await projected(written.position)
    answer = await api.as_("nadia", Role.AGENT, groups=("messagerie",), name="Nadia").get("/v1/me/export")
    found = answer.json()
    assert (found["incidents"], found["recorded"]) == ([], [written.number])
    assert "Dicté au téléphone" not in answer.text


async def test_whoever_has_nothing_gets_an_empty_answer(api, journal, projected):
    *_, written = await story(journal)
    await projected(written.position)
    found = (await api.as_("lucie").get("/v1/me/export")).json()
    assert (found["incidents"], found["mails"], found["names"]) == ([], [], [])


async def test_the_operator_asks_for_somebody_by_an_incident(settings, journal, projected):
    mine, other, written = await story(journal)
    await projected(written.position)
    done = export(settings, f"I{mine.number[1:]}")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [one["detail"]["number"] for one in found["incidents"]] == [mine.number, other.number]
    unknown = export(settings, "1181106_0230")
    assert (unknown.returncode, unknown.stderr) == (1, "export: UnknownIncidentError 1181106_0230\n")


def export(settings, number):
    given = ("database_url", "redis_url", "broker_url", "smtp_url", "oidc_issuer")
    variables = {f"CECOIA_{name.upper()}": getattr(settings, name) for name in given}
    environment = os.environ | variables | {"CECOIA_HOME": str(settings.home)}
    line = [sys.executable, "-m", "services.query", "export", number]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False, timeout=60)
