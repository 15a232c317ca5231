"""When a news ends with a text, whoever said that it concerns them is told once, by mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notifier.work.queues import Kind
from shared.events.base import Event, Person
from shared.events.knowledge import FollowerTold, NewsFollowed, NewsPublished, NewsWithdrawn
from shared.journal.append import append
from shared.journal.records import Append, NewEvent
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk

TITLE, TEXT = "Coupure du réseau", "Le lien est rétabli.\n\nMerci de votre patience !"


class News:
    """A news with its followers' streams."""

    def __init__(self, desk: Desk, nadia: Person) -> None:
        self.desk, self.nadia, self.stream = desk, nadia, uuid4()
        self.followers: list[UUID] = []

    async def record(self, stream: UUID, event: Event) -> None:
        new = NewEvent(event_id=uuid4(), event=event)
        async with self.desk.pool.acquire() as connection:
            command = Append(stream_id=stream, events=(new,), recorded_at=datetime.now(UTC))
            await append(connection, [command], self.desk.vault)

    async def publish(self) -> News:
        await self.record(self.stream, NewsPublished(by=self.nadia, title=TITLE, text="Depuis 8 h.", subjects=[]))
        return self

    async def follow(self, *people: Person) -> None:
        for person in people:
            self.followers.append(uuid4())
            await self.record(self.followers[-1], NewsFollowed(news=self.stream, by=person))

    async def withdraw(self, text: str | None = TEXT) -> None:
        await self.record(self.stream, NewsWithdrawn(by=self.nadia, text=text))

    async def told(self) -> list[Event]:
        return [event for stream in self.followers for event in await self.desk.of_type(stream, FollowerTold)]


@pytest.fixture
async def news(desk: Desk) -> News:
    return await News(desk, await desk.nadia()).publish()


async def test_each_follower_is_told_once(bench: Bench, desk: Desk, news: News, smtp: Any) -> None:
    hugo = await desk.person("Hugo Petit", "hugo.petit@cecoia.example")
    await news.follow(await desk.claire(), hugo)
    await news.withdraw()
    await bench.settle()
    assert sorted(str(mail.message["To"]) for mail in smtp.mails) == [
        "Claire Martin <claire.martin@cecoia.example>",
        "Hugo Petit <hugo.petit@cecoia.example>",
    ]
    mail = smtp.mails[0].message
    assert mail["Subject"] == f"[CeCoIA] News terminée – {TITLE}"
    assert "> Merci de votre patience" in mail.get_content()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert len(await news.told()) == 2
    await bench.tools.pool.execute("update notifier.work set done_at = null")
    await bench.make_due()
    await bench.settle()
    assert (len(smtp.mails), len(await news.told())) == (2, 2)


@pytest.mark.parametrize("text", [None, TEXT])
async def test_nobody_is_told_where_there_is_nothing_to_tell(
    bench: Bench, desk: Desk, news: News, smtp: Any, text: str | None
) -> None:
    """A news without a last word, and followers without an address or without a name any more."""
    if text is None:
        await news.follow(await desk.claire())
    else:
        forgotten = await desk.person("Oubliée", "oubliee@cecoia.example")
        await news.follow(await desk.person("robot", None), forgotten)
        await desk.erase(forgotten)
    await news.withdraw(text)
    await bench.settle()
    assert (smtp.mails, await news.told()) == ([], [])
    assert all(row["done_at"] for row in await bench.rows(Kind.BULLETIN))


async def test_an_address_that_is_none_is_given_up_and_holds_up_nobody(
    bench: Bench, desk: Desk, news: News, smtp: Any
) -> None:
    await news.follow(await desk.person("Sans adresse", "nulle part"), await desk.claire())
    await news.withdraw()
    await bench.settle()
    assert len(smtp.mails) == 1
    assert [row["last_error"] for row in await bench.rows(Kind.BULLETIN) if row["dead_at"]] == ["BadAddress"]
