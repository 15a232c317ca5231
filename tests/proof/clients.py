"""Clients as they should be: each sends a command again, under the same key, until it is acknowledged."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncGenerator
from typing import Any, Final

import httpx

from tests.proof.ledger import Answer, Command, File, Kind, Ledger, mark

REQUESTERS: Final = ("claire.martin", "hugo.petit")
AGENT: Final = "nadia.benali"
SUBJECTS: Final = ("messagerie.acces", "reseau.wifi", "messagerie.envoi")
#: Seconds: for one answer, between two tries, between two commands of one client.
_ANSWER: Final = 12.0
#: After which a stream is no longer believed to live: it says something every 15 s.
_SILENCE: Final = 20.0
_AGAIN: Final = 0.3
_PAUSE: Final = (0.1, 0.8)
_LONGEST_WAIT: Final = 2.0
_WEIGHTS: Final = {Kind.CREATE: 5, Kind.UPDATE: 3, Kind.ATTACH: 2, Kind.REPLY: 2}
_UNAUTHORIZED: Final = 401
_CREATED: Final = 201
_TOO_MANY: Final = 429
_FAILED: Final = 500


class Door:
    """The way in, in anybody's name.

    Args:
        intake: address of the write side, where commands go.
        identity: address of the identity provider.
    """

    def __init__(self, intake: str, identity: str) -> None:
        self._http = httpx.AsyncClient(base_url=intake, timeout=_ANSWER)
        self._identity = identity
        self._tokens: dict[str, str] = {}

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def send(self, command: Command) -> None:
        """Send until the answer is final; cancel to stop."""
        try:
            if command.kind is Kind.CREATE and command.files and command.body is not None:
                uploads = await self._insist(command, "/v1/uploads", f"{command.key}-up", files=_form(command.files))
                command.body["uploads"] = [upload["id"] for upload in uploads["uploads"]]
            form = {"json": command.body} if command.body is not None else {"files": _form(command.files)}
            told = await self._insist(command, _path(command), command.key, **form)
        except RefusedError as no:
            command.refused = str(no)
            return
        command.answer = Answer(command.number or told["number"], told["version"])

    async def get(self, who: str, url: str) -> dict[str, Any]:
        """Read something, once.

        Raises:
            httpx.HTTPError: there was no answer, or no good one.
        """
        answer = await self._http.get(url, headers={"Authorization": f"Bearer {await self._token(who)}"})
        if answer.status_code == _UNAUTHORIZED:
            self._tokens.pop(who, None)
        return dict(answer.raise_for_status().json())

    async def lines(self, who: str, url: str, accept: str) -> AsyncGenerator[str, None]:
        """The lines of an answer as they come.

        Raises:
            httpx.HTTPError: there was no good answer, or it broke off.
        """
        headers = {"Authorization": f"Bearer {await self._token(who)}", "Accept": accept}
        async with self._http.stream("GET", url, headers=headers, timeout=_SILENCE) as answer:
            if answer.status_code == _UNAUTHORIZED:
                self._tokens.pop(who, None)
            async for line in answer.raise_for_status().aiter_lines():
                yield line

    async def _insist(self, command: Command, path: str, key: str, **form: Any) -> dict[str, Any]:
        while True:
            command.tries += 1
            try:
                headers = {"Authorization": f"Bearer {await self._token(command.who)}", "Idempotency-Key": key}
                answer = await self._http.post(path, headers=headers, **form)
            except httpx.HTTPError:
                await asyncio.sleep(_AGAIN)
                continue
            if answer.status_code == _CREATED:
                return dict(answer.json())
            if answer.status_code == _UNAUTHORIZED:
                self._tokens.pop(command.who, None)
            elif answer.status_code == _FAILED:
                command.failed = answer.text[:300]
            elif answer.status_code < _FAILED and answer.status_code != _TOO_MANY:
                raise RefusedError(f"{answer.status_code} {answer.text[:300]}")
            await asyncio.sleep(min(float(answer.headers.get("retry-after", _AGAIN)), _LONGEST_WAIT))

    async def _token(self, who: str) -> str:
        if who not in self._tokens:
            form = {"grant_type": "password", "username": who, "password": "demo"}
            answer = await self._http.post(f"{self._identity}/token", data=form)
            self._tokens[who] = answer.raise_for_status().json()["access_token"]
        return self._tokens[who]


class RefusedError(Exception):
    """The answer was a final no."""


class Writer:
    """Makes up commands.

    Args:
        ledger: which they are put into, and which says what incidents there are.
        dice: chooses.
    """

    def __init__(self, ledger: Ledger, dice: random.Random) -> None:
        self._ledger = ledger
        self._dice = dice

    def create(self, *, files: int | None = None) -> Command:
        """A new incident, sometimes with a file."""
        key = self._key()
        body = {
            "phone": "01 23 45 67 89",
            "subject": self._dice.choice(SUBJECTS),
            "availability": "toujours",
            "urgency": self._dice.choice(("low", "normal", "high", "critical")),
            "description": f"Essai {mark(key)}",
        }
        count = files if files is not None else self._dice.randrange(4) == 0
        return self._noted(
            Command(key, Kind.CREATE, self._dice.choice(REQUESTERS), body=body, files=self._files(key, int(count)))
        )

    def any(self) -> Command:
        """One of everything that clients send, as often as they do."""
        kind = self._dice.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        who = self._dice.choice(REQUESTERS)
        numbers = self._ledger.created(None if kind is Kind.REPLY else who)
        if kind is Kind.CREATE or not numbers:
            return self.create()
        key, number = self._key(), self._dice.choice(numbers[-200:])
        if kind is Kind.ATTACH:
            return self._noted(Command(key, kind, who, number, files=self._files(key, self._dice.randint(1, 2))))
        who = AGENT if kind is Kind.REPLY else who
        return self._noted(Command(key, kind, who, number, body={"text": f"Suite {mark(key)}"}))

    def _key(self) -> str:
        return uuid.UUID(int=self._dice.getrandbits(128), version=4).hex

    def _files(self, key: str, count: int) -> tuple[File, ...]:
        return tuple(
            File(
                f"{mark(key)}-{place}.txt",
                b"%s\n" % self._dice.randbytes(self._dice.choice((10, 3000, 60000))).hex().encode(),
            )
            for place in range(count)
        )

    def _noted(self, command: Command) -> Command:
        self._ledger.commands.append(command)
        return command


async def work(door: Door, writer: Writer, dice: random.Random, over: asyncio.Event) -> None:
    """Be one client: command after command, until it is over and the last one has its answer."""
    while not over.is_set():
        await door.send(writer.any())
        await asyncio.sleep(dice.uniform(*_PAUSE))


def _path(command: Command) -> str:
    if command.kind is Kind.CREATE:
        return "/v1/incidents"
    last = {Kind.UPDATE: "updates", Kind.ATTACH: "documents", Kind.REPLY: "reply"}[command.kind]
    return f"/v1/incidents/{command.number}/{last}"


def _form(files: tuple[File, ...]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("file", (file.name, file.content)) for file in files]
