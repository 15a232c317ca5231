"""Recording an incident over HTTP."""

import re

from shared.events.incident import IncidentCreated
from tests.integration.intake.conftest import FORM


async def test_an_incident_is_recorded(client, history):
    answer = await client.post("/v1/incidents", json=FORM)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert re.fullmatch(r"1\d{6}_\d{4,}", body["number"])
    assert (body["version"], body["status"]) == (1, "to_handle")
    assert answer.headers["location"] == f"/v1/incidents/{body['number']}"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["event-position"]
    assert "idempotent-replayed" not in answer.headers
    (event,) = await history(body["number"])
    assert isinstance(event, IncidentCreated)
    assert event.phone == "+33144556677"
    assert event.requester.name == event.recorded_by.name == "Claire Martin"
    assert event.number == body["number"]
