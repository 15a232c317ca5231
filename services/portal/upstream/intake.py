"""What intake is sent, in one person's name: one method a call of the contract."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypeVar

from services.portal.upstream.address import segment
from services.portal.upstream.http import Service
from services.portal.upstream.multipart import multipart
from shared import wire, wire_webhooks
from shared.wire_catalogue import CatalogueDifference, CatalogueWritten

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
