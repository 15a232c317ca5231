"""The whole conversation about an incident is one thread in a mail program, whoever began it and however it arrives."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from itertools import permutations
from uuid import UUID

import pytest

from services.notifier.mail.letters import Letters, message_id
from services.notifier.mail.notices import Notice, notice_for
from services.notifier.work.planning import BENEFICIARY, REQUESTER
from shared.events.base import ERASED, Event, Person
from shared.events.incident import IncidentResolved, IncidentTaken, IncidentUpdated, MailReceived, ReplySent
from shared.mail import incident_of
from tests.support.threads import Posted, threads
from tests.unit.notifier.stories import AT, CLAIRE, HUGO, NADIA, STREAM, created, story

SENDER = "CeCoIA <assistance@cecoia.example>"
LETTERS = Letters(SENDER, "https://cecoia.example/", "0820 36 36 36")
TAKEN = IncidentTaken(by=NADIA, group="messagerie")
LONG = f"<{'A' * 120}@PR0P264MB1.FRAP264.PROD.OUTLOOK.COM>"


def mailed(name: str | None, by: Person = CLAIRE) -> MailReceived:
    return MailReceived(by=by, mail=UUID(int=9), message_id=name)


def posted(*appends: Event | tuple[Event, ...], to: str = REQUESTER) -> Iterator[Posted]:
    """The notices of events, as they arrive at somebody's."""
    events = story(*appends)
    for recorded in events:
        notice = notice_for(events, recorded.event_id, to) if not isinstance(recorded.event, MailReceived) else None
        if isinstance(notice, Notice):
            name = message_id(recorded.event_id, to, SENDER)
            raw = bytes(LETTERS.write(notice, name, "Messagerie", AT))
            read = email.message_from_bytes(raw, policy=email.policy.default)
            assert read["In-Reply-To"] in read["References"]
            yield Posted(read["Message-ID"], read["References"].split())


def answer(name: str, to: Posted) -> Posted:
    """An answer as mail programs write it."""
    return Posted(name, [*to.references, to.id])


def update(name: str) -> tuple[Event, ...]:
    return IncidentUpdated(by=CLAIRE, text="…"), mailed(name)


def begun_by_mail() -> list[Posted]:
    """Claire writes, is confirmed and answered, answers, is answered again."""
    told = list(
        posted(
            (created(), mailed("<a@poste.example>")),
            ReplySent(by=NADIA, text="Redémarrez."),
            update("<b@poste.example>"),
            IncidentResolved(by=NADIA, text="Réparé."),
        )
    )
    confirmation, reply, resolution = told
    return [Posted("<a@poste.example>"), confirmation, reply, answer("<b@poste.example>", reply), resolution]


def begun_on_the_portal() -> list[Posted]:
    told = list(posted(created(), ReplySent(by=NADIA, text="?"), update(LONG), TAKEN))
    confirmation, reply, taken = told
    return [confirmation, reply, answer(LONG, reply), taken]


@pytest.mark.parametrize("conversation", [begun_by_mail(), begun_on_the_portal()], ids=["mail", "portal"])
def test_one_thread_in_whichever_order_it_arrives(conversation: list[Posted]) -> None:
    for order in permutations(conversation):
        [thread] = threads(order)
        assert sorted(thread.mails()) == sorted(mail.id for mail in conversation)


def test_a_notice_stands_below_the_mail_that_it_answers() -> None:
    conversation = begun_by_mail()
    [thread] = threads(conversation)
    assert thread.id == "<a@poste.example>"
    last = conversation[-1]
    assert last.references == ["<a@poste.example>", f"<incident-{STREAM}@cecoia.example>", "<b@poste.example>"]


def test_each_sees_a_thread_of_their_own_mails() -> None:
    """Nothing in a mail to one tells which mails the other wrote."""
    begun = (created(beneficiary=HUGO), mailed("<a@poste.example>"))
    [confirmation, reply] = posted(begun, ReplySent(by=NADIA, text="?"), to=BENEFICIARY)
    assert confirmation.references == reply.references == [f"<incident-{STREAM}@cecoia.example>"]


@pytest.mark.parametrize("name", [None, ERASED])
def test_mails_without_a_name_are_not_referred_to(name: str | None) -> None:
    [confirmation] = posted((created(), mailed(name)))
    assert confirmation.references == [f"<incident-{STREAM}@cecoia.example>"]


def test_headers_have_an_end() -> None:
    appends = [update(f"<{number}@poste.example>") for number in range(30)]
    *_, taken = posted(created(), *appends, TAKEN)
    assert len(taken.references) == 11
    assert taken.references[-1] == "<29@poste.example>"


def test_intake_understands_the_constant_id() -> None:
    [confirmation] = posted(created())
    assert [incident_of(name) for name in (*confirmation.references, "<a@b>")] == [STREAM, None]
