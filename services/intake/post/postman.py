"""The way of a mail into the journal: read, judged, kept, recorded once whatever is repeated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

import msgspec

from services.intake.incident import commands as c
from services.intake.incident.deciding import Refusal
from services.intake.letters.letter import Enclosure, Letter, Nature
from services.intake.letters.reading import read
from services.intake.post import rules
from services.intake.post.archive import Archive, Mail, Place
from services.intake.post.finding import Finder, Story, mail_key
from services.intake.post.rules import House, Refused, Writer
from services.intake.receipts import Attempt, Receipt
from services.intake.recorder import Recorder
from services.intake.uploads import Uploads
from shared.catalogue import CatalogueWatch
from shared.documents import DocumentStore, DocumentTooLargeError
from shared.events.notification import ConfirmationSent, NotificationBounced, NotificationSent
from shared.events.vocabulary import Origin
from shared.journal.batcher import Batcher
from shared.journal.records import Append, Meta, NewEvent, Recorded, Verdict
from shared.journal.sealing import Vault
from shared.limits import Limit
from shared.logs import logger
from shared.media_types import ProgramRefusedError

_log = logger(__name__)


class Outcome(StrEnum):
    """What became of a mail that was taken."""

    RECORDED = "recorded"
    REPEATED = "repeated"  # the journal had it
    AUTOMATIC = "automatic"  # a machine wrote it: kept, and nothing else
    BOUNCED = "bounced"  # a mail of ours came back: noted in its incident


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail is taken in with.

    Attributes:
        document_size: most bytes of a file.
        often: how often one person may write.
        now: reads the clock.
    """

    house: House
    vault: Vault
    finder: Finder
    catalogue: CatalogueWatch
    recorder: Recorder
    batcher: Batcher
    store: DocumentStore
    uploads: Uploads
    archive: Archive
    document_size: int
    often: Limit
    now: Callable[[], datetime]


class _Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A mail of a person, and all that its recording needs."""

    letter: Letter
    mail: Mail
    writer: Writer
    place: Place
    attempt: Attempt

    @property
    def actor(self) -> c.Actor:
        return c.Actor(person=self.writer.person, door=Origin.EMAIL)

    @property
    def received(self) -> c.Mail:
        return c.Mail(id=self.place.name, message_id=self.letter.message_id)


class Postman:
    """Takes mails in.

    Args:
        tools: what it works with.
        again: whether the mails were handed over before: then no writer hears that one is refused, and it stays.
    """

    def __init__(self, tools: Tools, *, again: bool = False) -> None:
        self._tools = tools
        self._again = again

    async def receive(self, mail: Mail) -> Outcome:
        """Take in a mail; gives what became of it.

        When this returns, the journal has it for good, or needs nothing of it.

        Raises:
            Refused, Refusal: it is not taken, for good.
            UnreadableError: it is no mail.
            Problem: its writer sends too many, or somebody changes the incident at this moment.
            JournalBusy, JournalUnavailable, StoreFullError, StoreUnavailableError, OSError, asyncpg.PostgresError,
            LookupError: nothing is known of the outcome; sending again is safe.
        """
        letter = await asyncio.to_thread(read, mail.raw, mail.envelope)
        if letter.nature is Nature.BOUNCE:
            return await self._bounced(letter, mail)
        address = rules.check_origin(letter, self._tools.house)
        writer = await self._tools.finder.writer(address, letter.name)
        await self._tools.often.count(writer.person.id.hex)
        delivery = await self._delivery(letter, mail, writer)
        if letter.nature is Nature.MACHINE:
            await self._tools.archive.put(delivery.place, mail)
            await self._tools.archive.settle(delivery.place)
            return Outcome.AUTOMATIC
        return await self._recorded(delivery)

    async def _delivery(self, letter: Letter, mail: Mail, writer: Writer) -> _Delivery:
        """The same mail has the same name and the same key, whatever servers wrote into it on its way."""
        place, key = _place(writer.person.id, letter), mail_key(letter.key)
        attempt = Attempt(
            key=key,
            fingerprint=await self._tools.vault.fingerprint(writer.person.id, key.encode()),
            version=None,
            request=str(place.name),
            at=self._tools.now(),
        )
        return _Delivery(letter=letter, mail=mail, writer=writer, place=place, attempt=attempt)

    async def _recorded(self, delivery: _Delivery) -> Outcome:
        recorder, person = self._tools.recorder, delivery.writer.person
        if receipt := await recorder.replayed_create(delivery.actor, delivery.attempt):
            return await self._settled(delivery, receipt)
        if story := await self._tools.finder.story(delivery.letter, person):
            return await self._answered(delivery, story)
        text, enclosures = rules.parts(delivery.letter, rules.opening_text(delivery.letter))
        catalogue = await self._tools.catalogue.current()
        command = rules.creation(delivery.letter, text, delivery.writer, catalogue)
        async with self._waiting(delivery):
            files = await self._files(person.id, enclosures)
            command = msgspec.structs.replace(command, files=files, mail=delivery.received)
            receipt = await recorder.create(command, delivery.actor, delivery.attempt)
        return await self._settled(delivery, receipt)

    async def _answered(self, delivery: _Delivery, story: Story) -> Outcome:
        recorder, person = self._tools.recorder, delivery.writer.person
        name = c.Update.name
        if receipt := await recorder.replayed(story.number, name, delivery.actor, delivery.attempt):
            return await self._settled(delivery, receipt)
        rules.check_answer(story.state, person, story.number, self._tools.house)
        text, enclosures = rules.parts(delivery.letter, delivery.letter.answer)
        enclosures = rules.new_files(enclosures, story.sums)
        rules.check_says_something(text, enclosures)
        async with self._waiting(delivery):
            files = await self._files(person.id, enclosures)
            command = c.Update(text=text or None, files=files, mail=delivery.received)
            receipt = await recorder.change(story.number, command, delivery.actor, delivery.attempt)
        return await self._settled(delivery, receipt)

    @asynccontextmanager
    async def _waiting(self, delivery: _Delivery) -> AsyncIterator[None]:
        """Keep a mail while it is recorded; one that is refused goes back to its writer and need not be kept."""
        await self._tools.archive.put(delivery.place, delivery.mail)
        try:
            yield
        except (Refused, Refusal):
            if not self._again:
                await self._tools.archive.drop(delivery.place)
            raise

    async def _settled(self, delivery: _Delivery, receipt: Receipt) -> Outcome:
        await self._tools.archive.settle(delivery.place)
        _log.info("mail_taken", number=receipt.number, mail=str(delivery.place.name), replayed=receipt.replayed)
        return Outcome.REPEATED if receipt.replayed else Outcome.RECORDED

    async def _files(self, person: UUID, enclosures: Sequence[Enclosure]) -> tuple[c.File, ...]:
        """Bring files to the store, where they wait for the command that names them."""
        tools = self._tools
        try:
            documents = [
                await tools.store.put(_chunks(one.content), one.filename, tools.document_size) for one in enclosures
            ]
        except ProgramRefusedError as error:
            sentence = f"Le fichier «\u00a0{error}\u00a0» est un programme\u202f: le message n’est pas pris."
            raise Refused("550 5.7.1", sentence) from error
        except DocumentTooLargeError as error:
            raise Refused("552 5.3.4", f"Le fichier «\u00a0{error}\u00a0» est trop volumineux.") from error
        return tuple(await tools.uploads.keep(person, documents, "mail", None))

    async def _bounced(self, letter: Letter, mail: Mail) -> Outcome:
        """Note in its incident that a mail of ours came back, once a mail."""
        rules.check_bounce(letter, self._tools.house)
        notice = await self._tools.finder.notice(mail.raw)
        if notice is None or not isinstance(notice.event, ConfirmationSent | NotificationSent):
            raise Refused("550 5.1.1", "Ce rapport ne concerne aucun message de l’assistance.")
        place = _place(notice.event.to.id, letter)
        try:
            await self._tools.archive.put(place, mail)
        except LookupError:  # whom it was for is forgotten
            return Outcome.AUTOMATIC
        outcome = await self._tools.batcher.append(_bounce(notice, notice.event, letter, place, self._tools.now()))
        await self._tools.archive.settle(place)
        _log.info("mail_bounced", number=outcome.number, mail=str(place.name))
        return Outcome.REPEATED if outcome.verdict is Verdict.DUPLICATE else Outcome.BOUNCED


def _place(person: UUID, letter: Letter) -> Place:
    return Place(person, uuid5(person, mail_key(letter.key)))


def _bounce(
    notice: Recorded, sent: ConfirmationSent | NotificationSent, letter: Letter, place: Place, at: datetime
) -> Append:
    event = NotificationBounced(
        to=sent.to,
        message=sent.message,
        message_id=sent.message_id,
        cause=sent.cause,
        mail=place.name,
        error=letter.report,
    )
    meta = Meta(owner=notice.meta.owner, cause=notice.event_id, correlation=str(place.name))
    new = NewEvent(event_id=uuid5(notice.event_id, "bounced"), event=event, meta=meta)
    return Append(stream_id=notice.stream_id, events=(new,), recorded_at=at)


async def _chunks(content: bytes) -> AsyncIterator[Any]:
    yield content
