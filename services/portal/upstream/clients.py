"""What intake and query are asked, in one person's name: one method a call of the contract."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx

from services.portal.upstream.http import Params, Problem, Refused, Service, ServiceDown
from services.portal.upstream.multipart import multipart
from shared import wire, wire_agents, wire_webhooks
from shared.wire_catalogue import CatalogueDifference, CatalogueHistory, CatalogueState, CatalogueWritten, DryRun

T = TypeVar("T")

#: Silence after which a stream of changes is held dead, in seconds; query sends a heartbeat more often.
STREAM_SILENCE: Final = 60.0
DOCUMENT_SILENCE: Final = 30.0

_SEGMENT: Final = re.compile(r"(?!\.+$)[\w .-]{1,64}")


def segment(text: str) -> str:
    """What came in an address, as one segment of another address.

    Raises:
        Refused: 404, for what cannot name anything.
    """
    if not _SEGMENT.fullmatch(text):
        raise Refused(Problem(status=404))
    return quote(text, safe="")


class Query:
    """The read side, as one person sees it.

    Args:
        service: where it answers.
        headers: who asks (token, request id).
        position: journal position of the person's own last write; answers wait for it.
    """

    def __init__(self, service: Service, headers: Mapping[str, str], position: str | None = None) -> None:
        self._service = service
        self._headers = dict(headers)
        self._fresh = {**headers, "Min-Event-Position": position} if position else None

    async def _ask(self, path: str, kind: type[T], params: Params | None = None) -> T:
        """Ask for what includes one's own last write; when the projection is late, for what there is."""
        if self._fresh is None:
            return await self._service.ask(path, self._headers, kind, params=params)
        try:
            return await self._service.ask(path, self._fresh, kind, params=params, patient=False)
        except ServiceDown:
            self._fresh = None
            return await self._service.ask(path, self._headers, kind, params=params)

    async def incidents(
        self,
        *,
        status: str = "",
        subject: str = "",
        q: str = "",
        sort: str = "",
        limit: int = 20,
        cursor: str = "",
        scope: str = "",
    ) -> wire.IncidentPage:
        """The person's tracking view (an agent's may be everybody's); empty filters do not count."""
        given = {"status": status, "subject": subject, "q": q, "sort": sort, "cursor": cursor, "scope": scope}
        return await self._ask(
            "/v1/incidents",
            wire.IncidentPage,
            {"limit": limit, **{name: value for name, value in given.items() if value}},
        )

    async def incident(self, number: str) -> wire.IncidentDetail:
        """Everything about one incident."""
        return await self._ask(f"/v1/incidents/{segment(number)}", wire.IncidentDetail)

    async def queues(self) -> wire.Queues:
        """The queues of the person's groups."""
        return await self._ask("/v1/queues", wire.Queues)

    async def queue(self, group: str, given: Params, *, limit: int, cursor: str = "") -> wire.QueuePage:
        """What waits for a group, or for all groups of the person where `group` is empty; `given` are the filters."""
        path = f"/v1/queues/{segment(group)}" if group else "/v1/waiting"
        return await self._ask(
            path, wire.QueuePage, {**given, "limit": limit, **({"cursor": cursor} if cursor else {})}
        )

    async def views(self) -> list[wire.SavedView]:
        """The views of queues that the person saved."""
        return (await self._service.ask("/v1/me/views", self._headers, wire.SavedViews)).items

    async def save_view(
        self, name: str, group: str | None, filters: Mapping[str, str], *, is_default: bool
    ) -> wire.SavedView:
        """Keep a view under a name, in the place of the one of the same name."""
        body = {"name": name, "group": group, "filters": dict(filters), "is_default": is_default}
        answer = await self._service.call("POST", "/v1/me/views", self._headers, body=body)
        return self._service.decode(answer, wire.SavedView)

    async def remove_view(self, view: UUID) -> None:
        """Forget a view."""
        await self._service.call("DELETE", f"/v1/me/views/{view}", self._headers)

    async def subjects(self) -> wire.Subjects:
        """The catalogue."""
        return await self._ask("/v1/subjects", wire.Subjects)

    async def catalogue(self) -> CatalogueState:
        """The whole catalogue, with its version."""
        return await self._ask("/v1/catalogue", CatalogueState)

    async def catalogue_history(self, *, before: str = "", limit: int = 20) -> CatalogueHistory:
        """Changes of the catalogue, newest first; `before` is the version before which they were made."""
        given: Params = {"limit": limit, **({"before": before} if before else {})}
        return await self._ask("/v1/catalogue/history", CatalogueHistory, given)

    def catalogue_file(self) -> AbstractAsyncContextManager[httpx.Response]:
        """The catalogue as a file, as it comes."""
        return self._service.stream("/v1/catalogue.toml", self._headers, read_timeout=DOCUMENT_SILENCE)

    async def dry_run(self, routes: Mapping[str, str]) -> DryRun:
        """Where the last incidents would go if these subjects (code) were answered by these groups."""
        answer = await self._service.call("POST", "/v1/catalogue/dry-run", self._headers, body={"routes": routes})
        return self._service.decode(answer, DryRun)

    async def news(self, *, state: str = "", limit: int = 20, cursor: str = "") -> wire.NewsPage:
        """What many should know of; without state, what holds."""
        given = {"state": state, "cursor": cursor}
        wanted = {"limit": str(limit), **{name: value for name, value in given.items() if value}}
        return await self._ask("/v1/news", wire.NewsPage, wanted)

    async def one_news(self, news: str) -> wire.NewsItem:
        """One of them."""
        return await self._ask(f"/v1/news/{segment(news)}", wire.NewsItem)

    async def known_errors(
        self, *, state: str = "", subject: str = "", q: str = "", limit: int = 20, cursor: str = ""
    ) -> wire.KnownErrorPage:
        """Errors whose way round is known; without state, those that still hold."""
        given = {"state": state, "subject": subject, "q": q, "cursor": cursor}
        wanted = {"limit": str(limit), **{name: value for name, value in given.items() if value}}
        return await self._ask("/v1/known-errors", wire.KnownErrorPage, wanted)

    async def known_error(self, number: str) -> wire.KnownErrorItem:
        """One of them."""
        return await self._ask(f"/v1/known-errors/{segment(number)}", wire.KnownErrorItem)

    async def suggested_errors(self, text: str, subject: str) -> wire.KnownErrorItems:
        """Known errors that may explain what the person writes."""
        body = {"text": text} | ({"subject": subject} if subject else {})
        answer = await self._service.call("POST", "/v1/known-errors/suggestions", self._headers, body=body)
        return self._service.decode(answer, wire.KnownErrorItems)

    async def canned_texts(self) -> wire_agents.CannedTexts:
        """The texts that agents can begin with; these and what follows are for agents alone."""
        return await self._ask("/v1/canned-texts", wire_agents.CannedTexts)

    async def beside(self, number: str) -> wire_agents.Beside:
        """What stands around an incident."""
        return await self._ask(f"/v1/incidents/{segment(number)}/beside", wire_agents.Beside)

    async def raw_events(self, number: str) -> wire_agents.RawEvents:
        """The events of an incident as the journal holds them."""
        return await self._ask(f"/v1/incidents/{segment(number)}/events", wire_agents.RawEvents)

    async def people(self, words: str) -> wire_agents.KnownPeople:
        """Known people whose name or address begins so."""
        return await self._ask("/v1/people", wire_agents.KnownPeople, {"q": words})

    async def caller(self, person: str) -> wire_agents.CallerCard:
        """Somebody who calls."""
        return await self._ask(f"/v1/people/{segment(person)}", wire_agents.CallerCard)

    async def reports(self) -> wire.Reports:
        """The reports there are."""
        return await self._ask("/v1/reports", wire.Reports)

    async def report(self, name: str, params: Mapping[str, str]) -> wire.Report:
        """A report; `params` are `from`, `to`, `by`."""
        return await self._ask(f"/v1/reports/{segment(name)}", wire.Report, dict(params))

    def report_csv(self, name: str, params: Mapping[str, str]) -> AbstractAsyncContextManager[httpx.Response]:
        """The same report as CSV, as it comes."""
        address = str(httpx.URL(f"/v1/reports/{segment(name)}", params=dict(params)))
        return self._service.stream(address, {**self._headers, "Accept": "text/csv"}, read_timeout=DOCUMENT_SILENCE)

    async def events(self, *, after: str = "", kind: str = "", limit: int = 50) -> wire.Feed:
        """A page of the event history from the cursor `after` on; `kind` is an event's name."""
        given = {"after": after, "type": kind}
        return await self._ask("/v1/events", wire.Feed, {"limit": limit, **{name: v for name, v in given.items() if v}})

    async def webhooks(self) -> wire_webhooks.Webhooks:
        """The webhooks there are."""
        return await self._ask("/v1/webhooks", wire_webhooks.Webhooks)

    def document(
        self, number: str, document: str, wanted: Mapping[str, str]
    ) -> AbstractAsyncContextManager[httpx.Response]:
        """The bytes of a document, as they come; `wanted` are the request's range headers."""
        path = f"/v1/incidents/{segment(number)}/documents/{segment(document)}"
        return self._service.stream(path, {**self._headers, **wanted}, read_timeout=DOCUMENT_SILENCE)

    def export(self) -> AbstractAsyncContextManager[httpx.Response]:
        """Everything that is held about the person, as it comes."""
        return self._service.stream("/v1/me/export", self._headers, read_timeout=DOCUMENT_SILENCE)

    def changes(self, last_id: str | None) -> AbstractAsyncContextManager[httpx.Response]:
        """What changes for the person, as server-sent events."""
        headers = {**self._headers, "Accept": "text/event-stream"} | ({"Last-Event-ID": last_id} if last_id else {})
        return self._service.stream("/v1/stream", headers, read_timeout=STREAM_SILENCE)


class Intake:
    """The write side, in one person's name.

    Args:
        service: where it answers.
        headers: who asks (token, request id).
        wrote: told the journal position of each write.
    """

    def __init__(self, service: Service, headers: Mapping[str, str], wrote: Callable[[str], Awaitable[None]]) -> None:
        self._service = service
        self._headers = dict(headers)
        self._wrote = wrote

    async def create(self, body: Mapping[str, Any], key: str) -> wire.Created:
        """Record an incident; the same key and body again give the same answer."""
        return await self._write("/v1/incidents", body, key, wire.Created)

    async def command(
        self, number: str, name: str, body: Mapping[str, Any], key: str, *, version: int | None = None
    ) -> wire.Written:
        """Send `take`, `reply`, `resolve`… about an incident; `updates` adds text and changes fields.

        With `version`, it is refused (412) when the incident has moved on from what the person has read.
        """
        wanted = {} if version is None else {"If-Match": f'"{version}"'}
        return await self._write(f"/v1/incidents/{segment(number)}/{segment(name)}", body, key, wire.Written, wanted)

    async def register_webhook(self, body: Mapping[str, Any], key: str) -> wire_webhooks.RegisteredWebhook:
        """Register a webhook; the same key and body again give the same answer."""
        return await self._write("/v1/webhooks", body, key, wire_webhooks.RegisteredWebhook)

    async def change_webhook(self, webhook: str, command: str, key: str) -> wire_webhooks.WebhookChanged:
        """Send `test`, `disable`, `enable` or `remove`."""
        path = f"/v1/webhooks/{segment(webhook)}/{segment(command)}"
        return await self._write(path, {}, key, wire_webhooks.WebhookChanged)

    async def publish_error(self, body: Mapping[str, Any], key: str) -> wire.WrittenError:
        """Publish a known error."""
        return await self._write("/v1/known-errors", body, key, wire.WrittenError)

    async def publish_news(self, body: Mapping[str, Any], key: str) -> wire.WrittenNews:
        """Publish a news."""
        return await self._write("/v1/news", body, key, wire.WrittenNews)

    async def withdraw_news(self, news: str, body: Mapping[str, Any], key: str) -> wire.WrittenNews:
        """Withdraw a news; with a text, its followers are told."""
        return await self._write(f"/v1/news/{segment(news)}/withdraw", body, key, wire.WrittenNews)

    async def follow_news(self, news: str, key: str) -> wire.FollowedNews:
        """Say that a news concerns the person, too."""
        return await self._write(f"/v1/news/{segment(news)}/follow", {}, key, wire.FollowedNews)

    async def retire_error(self, number: str, body: Mapping[str, Any], key: str) -> wire.WrittenError:
        """Retire a known error, solved or not."""
        return await self._write(f"/v1/known-errors/{segment(number)}/retire", body, key, wire.WrittenError)

    async def define(
        self, part: str, code: str, body: Mapping[str, Any], key: str, *, version: int
    ) -> CatalogueWritten:
        """Define or change something of the catalogue (`subjects`, `groups`…) at the version that was read."""
        path = f"/v1/catalogue/{segment(part)}/{segment(code)}"
        return await self._write(path, body, key, CatalogueWritten, {"If-Match": f'"{version}"'})

    async def retire(self, part: str, code: str, body: Mapping[str, Any], key: str) -> CatalogueWritten:
        """Offer a subject or a canned text no longer."""
        path = f"/v1/catalogue/{segment(part)}/{segment(code)}/retire"
        return await self._write(path, body, key, CatalogueWritten)

    async def import_catalogue(self, body: Mapping[str, Any], key: str, *, version: int) -> CatalogueWritten:
        """Bring the catalogue from the version for which the differences were shown to what a file says."""
        return await self._write("/v1/catalogue/import", body, key, CatalogueWritten, {"If-Match": f'"{version}"'})

    async def compare(self, toml: str) -> CatalogueDifference:
        """What a file would change of the catalogue; nothing is recorded."""
        answer = await self._service.call("POST", "/v1/catalogue/difference", self._headers, body={"toml": toml})
        return self._service.decode(answer, CatalogueDifference)

    async def _write(
        self, path: str, body: Mapping[str, Any], key: str, kind: type[T], wanted: Mapping[str, str] | None = None
    ) -> T:
        headers = {**self._headers, "Idempotency-Key": key, **(wanted or {})}
        answer = await self._service.call("POST", path, headers, body=body)
        if position := answer.headers.get("event-position"):
            await self._wrote(position)
        return self._service.decode(answer, kind)

    async def upload(self, filename: str, media_type: str, chunks: AsyncIterator[bytes]) -> wire.Document:
        """Keep a file until a command names it; its bytes pass through, nothing of it stays here."""
        boundary = secrets.token_hex(16)
        headers = {**self._headers, "Content-Type": f"multipart/form-data; boundary={boundary}"}
        body = multipart(boundary, filename, media_type, chunks)
        answer = await self._service.send("/v1/uploads", headers, body)
        return self._service.decode(answer, wire.Uploads).uploads[0]
