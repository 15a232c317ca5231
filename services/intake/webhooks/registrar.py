"""From a command about webhooks to its place in their stream, once whatever is repeated."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID, uuid4, uuid5

import msgspec

from services.intake.incident.commands import Actor
from services.intake.receipts import Attempt, Kept, event_ids, kept_now, new_events, repeated
from services.intake.webhooks import deciding
from services.intake.webhooks.deciding import Webhooks
from services.intake.webhooks.forms import Register
from shared.database import Pool
from shared.events.base import Event
from shared.events.webhook import WebhookRegistered
from shared.http.problems import unavailable
from shared.journal.batcher import Batcher
from shared.journal.read import read_stream
from shared.journal.records import Append, StoredEvent, Verdict
from shared.journal.sealing import Vault, leave_sealed
from shared.webhooks import KEY_ISSUER, SECRET_PREFIX, WEBHOOKS_STREAM, fold

#: Times a command is decided again when somebody else was faster.
_ATTEMPTS: Final = 5
_SECRET_BYTES: Final = 32


class KeptEvent(Kept, frozen=True, kw_only=True):
    """What the journal holds of a command about webhooks: its event, too, in the clear."""

    event: Event


class Registrar:
    """Decides commands against the webhooks in the journal and records what follows.

    Args:
        pool: reads them.
        vault: makes a key for each, which no person has, and opens what an earlier sending recorded.
        batcher: appends.
    """

    def __init__(self, pool: Pool, vault: Vault, batcher: Batcher) -> None:
        self._pool = pool
        self._vault = vault
        self._batcher = batcher

    async def register(self, form: Register, actor: Actor, attempt: Attempt) -> KeptEvent:
        """Register a webhook, with a new secret.

        Raises:
            Refusal: there are too many.
            Problem: 422 when the key was used for something else.
        """
        webhook = uuid4() if attempt.key is None else uuid5(actor.person.id, f"webhook:{attempt.key}")
        owner = await self._vault.person(issuer=KEY_ISSUER, sub=str(webhook), name="", email=None)
        wanted = WebhookRegistered(
            webhook=webhook,
            by=actor.person,
            url=form.url,
            secret=SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode(),
            group=form.group,
            types=form.types,
        )
        return await self._record("register", lambda known: deciding.register(known, wanted), actor, attempt, owner)

    async def change(self, webhook: UUID, command: str, actor: Actor, attempt: Attempt) -> KeptEvent:
        """Do something with a webhook.

        Raises:
            Refusal: it is so already.
            Problem: 404 when there is no such webhook, 422 when the key was used for something else.
        """
        by = actor.person
        return await self._record(
            f"{webhook}:{command}", lambda known: deciding.change(known, webhook, command, by), actor, attempt
        )

    async def _record(
        self,
        name: str,
        decide: Callable[[Webhooks], Event],
        actor: Actor,
        attempt: Attempt,
        owner: UUID | None = None,
    ) -> KeptEvent:
        for _ in range(_ATTEMPTS):
            async with self._pool.acquire() as connection:
                stored = await read_stream(connection, WEBHOOKS_STREAM)
            if recorded := await self._replayed(stored, name, actor, attempt):
                return recorded
            event = decide(fold(leave_sealed(stored)))
            ids = event_ids(WEBHOOKS_STREAM, name, actor.person.id, attempt.key)
            outcome = await self._batcher.append(
                Append(
                    stream_id=WEBHOOKS_STREAM,
                    events=new_events(ids, (event,), attempt, owner),
                    recorded_at=attempt.at,
                    expected_version=len(stored),
                )
            )
            if outcome.verdict is Verdict.APPENDED:
                return _recorded(kept_now(WEBHOOKS_STREAM, outcome, attempt), event)
        raise unavailable(1, "Plusieurs personnes modifient les webhooks en même temps. Réessayez.")

    async def _replayed(
        self, stored: Sequence[StoredEvent], name: str, actor: Actor, attempt: Attempt
    ) -> KeptEvent | None:
        """What an earlier sending of the same command recorded, if there was one."""
        kept = repeated(stored, name, actor.person.id, attempt)
        if kept is None:
            return None
        (opened,) = await self._vault.unseal([stored[kept.version - 1]])
        return _recorded(kept, opened.event)


def _recorded(kept: Kept, event: Event) -> KeptEvent:
    return KeptEvent(**msgspec.structs.asdict(kept), event=event)
