"""Holds what clients were told against what the system kept. Pure: everything that was found is passed in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from tests.proof.ledger import Command, Kind
from tests.proof.mailbox import Delivery

#: Seconds after its record within which a mail may still come a second time: the sender had it in hand by then, and
#: was frozen, or a wire held it up.
WINDOW: Final = 100.0

#: The event that each command becomes.
EVENTS: Final = {
    Kind.CREATE: "IncidentCreated",
    Kind.UPDATE: "IncidentUpdated",
    Kind.ATTACH: "DocumentAttached",
    Kind.REPLY: "ReplySent",
}
SENT: Final = frozenset({"ConfirmationSent", "NotificationSent"})


class Fact(NamedTuple):
    """An event of the journal, as far as it matters here.

    Attributes:
        key: of the command that says so in its text or file name; empty for other events.
        at: true instant of its commit, in seconds.
        cause: event that a mail told of.
        document: id and name, for documents.
        text: what the requester or the agent wrote.
    """

    type: str
    stream: UUID
    number: str
    version: int
    event: UUID
    at: float
    key: str = ""
    cause: UUID | None = None
    message_id: str = ""
    document: UUID | None = None
    filename: str = ""
    sha256: str = ""
    text: str = ""


class Evidence(NamedTuple):
    """What the system kept.

    Attributes:
        facts: the whole journal, in order.
        deliveries: every mail that the mail server took, in order.
        disturbed: true instant, in seconds, before which nothing was broken.
        fed: events that readers were given who followed the feed all the time, in order, by the form they asked for.
        bytes_read: sha256 of the bytes that query gives for each document, by id; empty where it gives none.
        unfinished: work that is neither done nor waits for a program, and what is not sealed or not witnessed.
        commands: what the operator's commands said that did not exit with 0.
    """

    facts: Sequence[Fact]
    deliveries: Sequence[Delivery]
    disturbed: float
    fed: Mapping[str, Sequence[UUID]]
    bytes_read: dict[UUID, str]
    unfinished: Sequence[str] = ()
    commands: Sequence[str] = ()


class Finding(NamedTuple):
    """Something that is not as promised."""

    what: str
    where: str


def judge(ledger: Sequence[Command], evidence: Evidence) -> list[Finding]:
    """Everything that is wrong; empty where all promises were kept."""
    findings = [finding for check in _COMMANDS for finding in check(ledger, evidence)]
    return findings + [finding for check in _EFFECTS for finding in check(evidence)]


def repeated(deliveries: Iterable[Delivery]) -> int:
    """How many mails came again under the same Message-ID, which SMTP cannot rule out."""
    return sum(count - 1 for count in Counter(one.message_id for one in deliveries).values())


def _by_key(evidence: Evidence) -> dict[tuple[str, str], list[Fact]]:
    found: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in evidence.facts:
        if fact.key:
            found[fact.type, fact.key].append(fact)
    return found


def _recorded_once(ledger: Sequence[Command], evidence: Evidence) -> Iterator[Finding]:
    """Acknowledged: exactly once. Not acknowledged: at most once. Refused: never."""
    found = _by_key(evidence)
    for command in ledger:
        most = len(command.files) if command.kind is Kind.ATTACH else 1
        times = len(found[EVENTS[command.kind], command.key])
        where = f"{command.kind} {command.key} of {command.who}"
        if command.answer and times < most:
            yield Finding("lost", where)
        if times > most:
            yield Finding("doubled", f"{where}: {times} times")
        if command.refused is not None:
            what = "refused, but recorded" if times else "refused"
            yield Finding(what, f"{where}: {command.refused}")
        if command.failed is not None:
            yield Finding("answered with 500", f"{where}: {command.failed}")
        if command.answer is None and command.refused is None:
            yield Finding("never answered", f"{where}: {command.tries} tries, recorded {times} times")


def _nothing_invented(ledger: Sequence[Command], evidence: Evidence) -> Iterator[Finding]:
    """Whatever only clients can cause was sent by one of them, and reads as it was written."""
    sent = {command.key: command for command in ledger}
    for fact in evidence.facts:
        if fact.type not in EVENTS.values():
            continue
        if fact.key not in sent:
            yield Finding("nobody sent", f"{fact.type} of {fact.number}, event {fact.event}")
        elif fact.document is None and fact.text != sent[fact.key].text:
            yield Finding("other words", f"{fact.type} of {fact.number}: {fact.text!r}")


def _answered_right(ledger: Sequence[Command], evidence: Evidence) -> Iterator[Finding]:
    """What a 201 said stands in the journal: the number, and the version at the command's last event."""
    found = _by_key(evidence)
    for command in ledger:
        own = found[EVENTS[command.kind], command.key] + (
            found["DocumentAttached", command.key] if command.files else []
        )
        if command.answer and own:
            stored = (own[0].number, max(fact.version for fact in own))
            if stored != command.answer:
                yield Finding("answer differs", f"{command.kind} {command.key}: told {command.answer}, kept {stored}")


def _files_kept(ledger: Sequence[Command], evidence: Evidence) -> Iterator[Finding]:
    """Each file of an acknowledged command is attached once, and query gives exactly its bytes."""
    attached = defaultdict(list)
    for fact in evidence.facts:
        attached[fact.filename].append(fact)
    for command in ledger:
        for file in command.files if command.answer else ():
            facts = attached[file.name]
            if len(facts) != 1:
                yield Finding("doubled" if facts else "lost", f"file {file.name}: attached {len(facts)} times")
            elif facts[0].sha256 != file.sha256:
                yield Finding("wrong bytes", f"file {file.name}: noted under another sha256")
            elif (read := evidence.bytes_read.get(facts[0].document or UUID(int=0), "")) != file.sha256:
                yield Finding("wrong bytes" if read else "lost", f"bytes of {file.name} of {facts[0].number}")


def _versions_follow(evidence: Evidence) -> Iterator[Finding]:
    """Each event stands once; the versions of a stream are 1, 2, 3, …"""
    versions = defaultdict(list)
    for fact in evidence.facts:
        versions[fact.stream].append(fact.version)
    for stream, seen in versions.items():
        if seen != list(range(1, len(seen) + 1)):
            yield Finding("order broken", f"stream {stream}: versions {seen}")
    for event, count in Counter(fact.event for fact in evidence.facts).items():
        if count > 1:
            yield Finding("doubled", f"event {event}")


def _numbers_unique(evidence: Evidence) -> Iterator[Finding]:
    """No two incidents have one number."""
    numbers = Counter(fact.number for fact in _incidents(evidence))
    yield from (Finding("number given twice", number) for number, count in numbers.items() if count > 1)


def _routed_once(evidence: Evidence) -> Iterator[Finding]:
    routed = Counter(fact.stream for fact in evidence.facts if fact.type == "IncidentRouted")
    for fact in _incidents(evidence):
        if routed[fact.stream] != 1:
            yield Finding("doubled" if routed[fact.stream] else "lost", f"routing of {fact.number}")


def _told_once(evidence: Evidence) -> Iterator[Finding]:
    """Each creation and each reply is told once: one record in the journal, and at least one mail of that id."""
    records = defaultdict(list)
    for fact in evidence.facts:
        if fact.type in SENT:
            records[fact.cause].append(fact)
    delivered = {(delivery.message_id, delivery.number) for delivery in evidence.deliveries}
    for fact in evidence.facts:
        told = records[fact.event]
        if fact.type in {EVENTS[Kind.CREATE], EVENTS[Kind.REPLY]} and len(told) != 1:
            yield Finding("doubled" if told else "lost", f"record of the mail about {fact.type} of {fact.number}")
        for record in told:
            if (record.message_id, record.number) not in delivered:
                yield Finding("lost", f"mail {record.message_id} about {fact.number}: recorded, never delivered")


def _ids_unique(evidence: Evidence) -> Iterator[Finding]:
    """No two mails have one Message-ID: otherwise one of them would stand for both."""
    ids = Counter(fact.message_id for fact in evidence.facts if fact.type in SENT)
    yield from (Finding("doubled", f"Message-ID {one}: {count} records") for one, count in ids.items() if count > 1)


def _delivered_once(evidence: Evidence) -> Iterator[Finding]:
    """No mail without its record; none again once its record stood, but for what was in somebody's hands.

    Before the first fault nothing can explain that a mail comes twice, however soon.
    """
    recorded = {fact.message_id: fact.at for fact in evidence.facts if fact.type in SENT}
    seen: set[str] = set()
    for delivery in evidence.deliveries:
        mail = f"mail {delivery.message_id} about {delivery.number}"
        if delivery.message_id not in recorded:
            yield Finding("unrecorded", mail)
        elif delivery.message_id in seen and delivery.at > _last_call(recorded[delivery.message_id], evidence):
            yield Finding("doubled", f"{mail}: {delivery.at - recorded[delivery.message_id]:.0f} s after its record")
        seen.add(delivery.message_id)


def _last_call(recorded: float, evidence: Evidence) -> float:
    """Until when a mail that was recorded at this instant may come again."""
    return recorded + WINDOW if recorded >= evidence.disturbed else 0.0


def _fed_once(evidence: Evidence) -> Iterator[Finding]:
    """Whoever follows the feed is given each event once, in the journal's order, and no other."""
    journal = [fact.event for fact in evidence.facts]
    for form, fed in evidence.fed.items():
        times = Counter(fed)
        for event in journal:
            if times[event] != 1:
                words = f"event {event} in the feed ({form}): {times[event]} times"
                yield Finding("doubled" if times[event] else "lost", words)
        for event in times.keys() - set(journal):
            yield Finding("invented", f"event {event} in the feed ({form}), not in the journal")
        if times == Counter(journal) and list(fed) != journal:
            yield Finding("order broken", f"the feed ({form}) has another order than the journal")


def _nothing_left(evidence: Evidence) -> Iterator[Finding]:
    yield from (Finding("unfinished", row) for row in evidence.unfinished)
    yield from (Finding("command failed", words) for words in evidence.commands)


def _incidents(evidence: Evidence) -> list[Fact]:
    return [fact for fact in evidence.facts if fact.type == EVENTS[Kind.CREATE]]


_COMMANDS: Final[tuple[Callable[[Sequence[Command], Evidence], Iterator[Finding]], ...]] = (
    _recorded_once,
    _nothing_invented,
    _answered_right,
    _files_kept,
)
_EFFECTS: Final[tuple[Callable[[Evidence], Iterator[Finding]], ...]] = (
    _versions_follow,
    _numbers_unique,
    _routed_once,
    _told_once,
    _ids_unique,
    _delivered_once,
    _fed_once,
    _nothing_left,
)
