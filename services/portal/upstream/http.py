"""Speaking to intake and query over HTTP: time-outs, tries again where that is safe, problems understood."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import httpx
import msgspec

Params = Mapping[str, str | int | list[str]]
T = TypeVar("T")

TIMEOUT: Final = httpx.Timeout(10.0, connect=2.0, pool=2.0)
LIMITS: Final = httpx.Limits(max_connections=200, max_keepalive_connections=40)
#: Streams stay open as long as somebody looks or reads: a cap on them would be one on how many people may be there.
STREAM_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=40)
#: Seconds before the second and the third try; a `Retry-After` within `PATIENCE` goes before.
PAUSES: Final = (0.15, 0.5)
PATIENCE: Final = 2.0

#: Type of the problem that another body was sent under the same `Idempotency-Key`.
KEY_USED: Final = "urn:cecoia:problem:key-reused"
UNAVAILABLE: Final = frozenset({502, 503, 504})


class FieldProblem(msgspec.Struct, frozen=True):
    """One bad field of what was sent, told in French."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document (RFC 9457)."""

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    errors: list[FieldProblem] = []


class ServiceDown(Exception):
    """The service does not answer, or not now. What was sent may be sent again."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class Refused(Exception):
    """The service understood and said no."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem

    @property
    def status(self) -> int:
        """The HTTP status of the refusal."""
        return self.problem.status


class TokenRefused(Exception):
    """The service does not know the person any more: they have to sign in again."""


class Service:
    """One of the two services behind the portal."""

    def __init__(self, name: str, base_url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.name = name
        self._http, self._streams = (
            httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT, limits=limits, transport=transport, trust_env=False)
            for limits in (LIMITS, STREAM_LIMITS)
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
        await self._streams.aclose()

    async def call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        *,
        params: Params | None = None,
        body: Any = None,
        patient: bool = True,
    ) -> httpx.Response:
        """Ask and return the answer (2xx). Only for calls that may be repeated: reads, and writes with their key.

        Raises:
            ServiceDown: no answer, for a patient caller after a few tries.
            Refused: 4xx.
            TokenRefused: 401.
        """
        content = None if body is None else msgspec.json.encode(body)
        sent = {**headers, "Content-Type": "application/json"} if content is not None else headers
        for pause in (*(PAUSES if patient else ()), None):
            try:
                answer = await self._http.request(method, path, headers=sent, params=params, content=content)
            except httpx.TransportError as error:
                wait = None if isinstance(error, httpx.ReadTimeout) else pause
            else:
                if answer.status_code not in UNAVAILABLE:
                    return self._checked(answer)
                wait = _asked_pause(answer, pause)
            if wait is None:
                break
            await asyncio.sleep(wait)
        raise ServiceDown(self.name)

    async def ask(
        self,
        path: str,
        headers: Mapping[str, str],
        kind: type[T],
        *,
        params: Params | None = None,
        patient: bool = True,
    ) -> T:
        """Read and decode an answer; an answer that cannot be understood counts as none."""
        answer = await self.call("GET", path, headers, params=params, patient=patient)
        return self.decode(answer, kind)

    def decode(self, answer: httpx.Response, kind: type[T]) -> T:
        """The body of the answer as its struct."""
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.DecodeError as error:
            raise ServiceDown(self.name) from error

    async def send(self, path: str, headers: Mapping[str, str], content: AsyncIterable[bytes]) -> httpx.Response:
        """Post a body that is read while it is sent, hence once.

        Raises:
            ServiceDown, Refused, TokenRefused: as `call`.
        """
        try:
            answer = await self._http.post(path, headers=headers, content=content)
        except httpx.TransportError as error:
            raise ServiceDown(self.name) from error
        if answer.status_code in UNAVAILABLE:
            raise ServiceDown(self.name)
        return self._checked(answer)

    @asynccontextmanager
    async def stream(
        self, path: str, headers: Mapping[str, str], *, read_timeout: float
    ) -> AsyncIterator[httpx.Response]:
        """An answer whose body is passed on as it comes, or 304 where what was read before still holds.

        Args:
            path: what is asked for.
            headers: sent with it.
            read_timeout: longest silence, in seconds.
        """
        timeout = httpx.Timeout(TIMEOUT.read, connect=TIMEOUT.connect, read=read_timeout, pool=TIMEOUT.pool)
        try:
            async with self._streams.stream("GET", path, headers=headers, timeout=timeout) as answer:
                if answer.status_code in UNAVAILABLE:
                    raise ServiceDown(self.name)
                if answer.is_error:
                    await answer.aread()
                yield self._checked(answer)
        except httpx.TransportError as error:
            raise ServiceDown(self.name) from error

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise TokenRefused
        if answer.is_client_error:
            raise Refused(_problem(answer))
        if not answer.is_success and answer.status_code != httpx.codes.NOT_MODIFIED:
            raise ServiceDown(self.name)
        return answer


def _asked_pause(answer: httpx.Response, pause: float | None) -> float | None:
    """How long to wait before the next try; None when there is no use in it."""
    if pause is None:
        return None
    asked = answer.headers.get("retry-after", "")
    if not asked.isdigit():
        return pause
    return float(asked) if float(asked) <= PATIENCE else None


def _problem(answer: httpx.Response) -> Problem:
    try:
        problem = msgspec.json.decode(answer.content, type=Problem)
    except msgspec.DecodeError:
        problem = Problem()
    return msgspec.structs.replace(problem, status=answer.status_code)
