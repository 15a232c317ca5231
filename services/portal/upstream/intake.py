"""What intake is sent, in one person's name: one method a call of the contract."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypeVar

from services.portal.upstream.address import segment
from services.portal.upstream.http import Service
from services.portal.upstream.multipart import multipart
from shared.wire.catalogue import CatalogueDifference, CatalogueWritten
from shared.wire.recorded import Created, Document, FollowedNews, Uploads, Written, WrittenError, WrittenNews
from shared.wire.webhooks import RegisteredWebhook, WebhookChanged

T = TypeVar("T")


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

    async def create(self, body: Mapping[str, Any], key: str) -> Created:
        """Record an incident; the same key and body again give the same answer."""
        return await self._write("/v1/incidents", body, key, Created)

    async def command(
        self, number: str, name: str, body: Mapping[str, Any], key: str, *, version: int | None = None
    ) -> Written:
        """Send `take`, `reply`, `resolve`… about an incident; `updates` adds text and changes fields.

        With `version`, it is refused (412) when the incident has moved on from what the person has read.
        """
        wanted = {} if version is None else {"If-Match": f'"{version}"'}
        return await self._write(f"/v1/incidents/{segment(number)}/{segment(name)}", body, key, Written, wanted)

    async def register_webhook(self, body: Mapping[str, Any], key: str) -> RegisteredWebhook:
        """Register a webhook; the same key and body again give the same answer."""
        return await self._write("/v1/webhooks", body, key, RegisteredWebhook)

    async def change_webhook(self, webhook: str, command: str, key: str) -> WebhookChanged:
        """Send `test`, `disable`, `enable` or `remove`."""
        path = f"/v1/webhooks/{segment(webhook)}/{segment(command)}"
        return await self._write(path, {}, key, WebhookChanged)

    async def publish_error(self, body: Mapping[str, Any], key: str) -> WrittenError:
        """Publish a known error."""
        return await self._write("/v1/known-errors", body, key, WrittenError)

    async def publish_news(self, body: Mapping[str, Any], key: str) -> WrittenNews:
        """Publish a news."""
        return await self._write("/v1/news", body, key, WrittenNews)

    async def withdraw_news(self, news: str, body: Mapping[str, Any], key: str) -> WrittenNews:
        """Withdraw a news; with a text, its followers are told."""
        return await self._write(f"/v1/news/{segment(news)}/withdraw", body, key, WrittenNews)

    async def follow_news(self, news: str, key: str) -> FollowedNews:
        """Say that a news concerns the person, too."""
        return await self._write(f"/v1/news/{segment(news)}/follow", {}, key, FollowedNews)

    async def retire_error(self, number: str, body: Mapping[str, Any], key: str) -> WrittenError:
        """Retire a known error, solved or not."""
        return await self._write(f"/v1/known-errors/{segment(number)}/retire", body, key, WrittenError)

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

    async def upload(self, filename: str, media_type: str, chunks: AsyncIterator[bytes]) -> Document:
        """Keep a file until a command names it; its bytes pass through, nothing of it stays here."""
        boundary = secrets.token_hex(16)
        headers = {**self._headers, "Content-Type": f"multipart/form-data; boundary={boundary}"}
        body = multipart(boundary, filename, media_type, chunks)
        answer = await self._service.send("/v1/uploads", headers, body)
        return self._service.decode(answer, Uploads).uploads[0]
