"""What happens to an incident reaches the people of those that were merged into it, once, with nothing of its own."""

from __future__ import annotations

from uuid import UUID

from services.notifier.work.queues import Kind
from shared.events.base import Person
from shared.events.incident import (
    DuplicatesAdded,
    IncidentResolved,
    IncidentsMerged,
    Tie,
)
from shared.events.notification import NotificationSent
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk
from tests.support.smtp import SmtpServer


async def tie(desk: Desk, stream: UUID) -> Tie:
    return Tie(number=(await desk.events(stream))[0].number or "", stream=stream)


async def merge(desk: Desk, by: Person, stream: UUID, into: UUID, *further: UUID) -> None:
    """As intake records it; `further` are those that go on in the first already."""
    await desk.record(stream, IncidentsMerged(by=by, into=await tie(desk, into)))
    duplicates = tuple([await tie(desk, one) for one in (stream, *further)])
    await desk.record(into, DuplicatesAdded(by=by, duplicates=duplicates))


async def hugo(desk: Desk) -> Person:
    return await desk.person("Hugo Petit", "hugo.petit@cecoia.example")


async def told(desk: Desk, stream: UUID) -> list[str]:
    """The messages that went out about an incident, after its confirmation."""
    return [event.message.value for event in await desk.of_type(stream, NotificationSent)]  # type: ignore[attr-defined]


async def test_both_requesters_are_told_and_the_duplicates_of_what_follows(
    bench: Bench, desk: Desk, smtp: SmtpServer
) -> None:
    nadia = await desk.nadia()
    duplicate, leader = await desk.create(await desk.claire()), await desk.create(await hugo(desk))
    await desk.reply(leader, nadia, "Avant le regroupement.")
    await merge(desk, nadia, duplicate, leader)
    await desk.record(leader, IncidentResolved(by=nadia, text="Bonjour Hugo Petit, c’est réparé."))
    await bench.settle()
    assert sorted(await told(desk, leader)) == ["duplicate", "reply", "resolution"]
    assert sorted(await told(desk, duplicate)) == ["merger", "progress"]
    mails = [mail.message for mail in smtp.mails if mail.recipient == "claire.martin@cecoia.example"]
    assert all("Hugo" not in mail.as_string() for mail in mails)
    (progress,) = [mail for mail in mails if "Du nouveau" in mail["Subject"]]
    assert "Bonjour […], c’est réparé." in progress.get_body(("plain",)).get_content()
    assert (await tie(desk, duplicate)).number in progress["Subject"]
    await bench.make_due()
    await bench.settle()
    assert len(await told(desk, duplicate)) == 2


async def test_chains_are_followed_to_their_end(bench: Bench, desk: Desk) -> None:
    nadia, claire = await desk.nadia(), await desk.claire()
    first, second, last = [await desk.create(one) for one in (claire, claire, await hugo(desk))]
    await merge(desk, nadia, first, second)
    await merge(desk, nadia, second, last, first)
    await desk.reply(last, nadia)
    await bench.settle()
    assert sorted(await told(desk, first)) == ["merger", "progress"]
    assert sorted(await told(desk, second)) == ["duplicate", "merger", "progress"]
    rows = [row for row in await bench.rows(Kind.MAIL) if ":" in row["recipient"]]
    assert {row["stream_id"] for row in rows} == {first, second}
    assert all(row["done_at"] for row in rows)
