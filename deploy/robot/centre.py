"""CeCoIA as a program sees it over HTTP: what is in its hands, one incident, and the commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import httpx

from deploy.robot.answering import Incident

#: Seconds for one answer: less than a process is given to end.
LIMIT: Final = 5.0
_KEY_REUSED: Final = "urn:cecoia:problem:key-reused"


class Centre:
    """Reads and acts in the program's own name.

    Args:
        client: signs requests with the program's token.
        intake: address of the write side.
        query: address of the read side.
    """

    def __init__(self, client: httpx.Client, intake: str, query: str) -> None:
        self._client = client
        self._intake = intake.rstrip("/")
        self._query = query.rstrip("/")

    def in_hand(self, group: str) -> list[str]:
        """Numbers of the group's incidents that this program took and has not ended."""
        address = f"{self._query}/v1/queues/{group}"
        asked = {"mine": "true", "status": "in_progress", "limit": "100"}
        items = self._client.get(address, params=asked).raise_for_status().json()["items"]
        return [item["number"] for item in items]

    def read(self, number: str) -> Incident:
        """One incident, as it is now."""
        address = f"{self._query}/v1/incidents/{number}"
        detail = self._client.get(address).raise_for_status().json()
        return Incident.read(detail, self._client.get(f"{address}/history").raise_for_status().json())

    def send(self, number: str, command: str, turn: str, body: Mapping[str, str]) -> bool:
        """Send a command once, however often this is called for the same turn.

        Args:
            number: of the incident.
            command: its name.
            turn: position that tells this time from other times.
            body: of the command.

        Returns:
            Whether it stands in the journal: False where it is not possible (any more).

        Raises:
            httpx.HTTPError: nothing is known of the outcome, or not now; sending again is safe.
        """
        address = f"{self._intake}/v1/incidents/{number}/{command}"
        headers = {"Idempotency-Key": f"{number}:{turn}:{command}"}
        answer = self._client.post(address, json=dict(body), headers=headers)
        if answer.status_code == httpx.codes.CONFLICT:
            return False
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY and answer.json()["type"] == _KEY_REUSED:
            return True  # said already in other words, by an earlier edition of this program
        answer.raise_for_status()
        return True
