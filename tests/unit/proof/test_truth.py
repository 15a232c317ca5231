"""Each check of a proof finds the lie it is there for, and nothing where all is true."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from tests.proof.ledger import Answer, Command, File, Kind, mark
from tests.proof.mailbox import Delivery
from tests.proof.truth import WINDOW, Evidence, Fact, Finding, judge, repeated

NUMBER = "1181106_0230"
STREAM = UUID(int=1)
EVENTS = {name: UUID(int=place) for place, name in enumerate(("created", "attached", "routed", "told", "reply"), 10)}
FILE = File(f"{mark('a')}-0.txt", b"octets")
DOCUMENT = UUID(int=99)


def true_ledger() -> list[Command]:
    return [
        Command(
            "a",
            Kind.CREATE,
            "claire.martin",
            body={"description": "Essai a"},
            files=(FILE,),
            answer=Answer(NUMBER, 2),
            tries=3,
        ),
        Command("b", Kind.REPLY, "nadia.benali", NUMBER, body={"text": "Suite b"}, answer=Answer(NUMBER, 5)),
    ]


def true_facts() -> list[Fact]:
    def fact(kind: str, version: int, event: UUID, **more: object) -> Fact:
        return Fact(kind, STREAM, NUMBER, version, event, at=1000.0 + version, **more)  # type: ignore[arg-type]

    return [
        fact("IncidentCreated", 1, EVENTS["created"], key="a", text="Essai a"),
        fact(
            "DocumentAttached",
            2,
            EVENTS["attached"],
            key="a",
            document=DOCUMENT,
            filename=FILE.name,
            sha256=FILE.sha256,
        ),
        fact("IncidentRouted", 3, EVENTS["routed"], cause=EVENTS["created"]),
        fact("ConfirmationSent", 4, EVENTS["told"], cause=EVENTS["created"], message_id="<1>"),
        fact("ReplySent", 5, EVENTS["reply"], key="b", text="Suite b"),
        fact("NotificationSent", 6, uuid4(), cause=EVENTS["reply"], message_id="<2>"),
    ]


FORMS = ("pages", "lines")


def evidence(facts: list[Fact] | None = None, **more: object) -> Evidence:
    journal = true_facts() if facts is None else facts
    true = Evidence(
        facts=journal,
        deliveries=[Delivery(1003.5, "<1>", NUMBER), Delivery(1005.5, "<2>", NUMBER)],
        disturbed=1000.0,
        fed={form: [fact.event for fact in journal] for form in FORMS},
        bytes_read={DOCUMENT: FILE.sha256},
    )
    return true._replace(**more)  # type: ignore[arg-type]


def whats(findings: list[Finding]) -> set[str]:
    return {finding.what for finding in findings}


def without(kind: str) -> list[Fact]:
    return [fact for fact in true_facts() if fact.type != kind]


def again(kind: str, **changes: object) -> list[Fact]:
    facts = true_facts()
    one = next(fact for fact in facts if fact.type == kind)
    return [*facts, one._replace(version=len(facts) + 1, event=uuid4(), **changes)]  # type: ignore[arg-type]


def changed(kind: str, **changes: object) -> list[Fact]:
    return [fact._replace(**changes) if fact.type == kind else fact for fact in true_facts()]  # type: ignore[arg-type]


def test_the_truth_is_found_true() -> None:
    assert judge(true_ledger(), evidence()) == []


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        (without("ReplySent"), "lost"),
        (again("ReplySent"), "doubled"),
        (without("IncidentRouted"), "lost"),
        (again("IncidentRouted"), "doubled"),
        (without("ConfirmationSent"), "lost"),
        (again("ConfirmationSent"), "doubled"),
        (without("NotificationSent"), "lost"),
        (without("DocumentAttached"), "lost"),
        (again("DocumentAttached"), "doubled"),
        (again("IncidentCreated", stream=UUID(int=2), key=""), "number given twice"),
        (changed("DocumentAttached", sha256="0" * 64), "wrong bytes"),
        (changed("IncidentCreated", number="1181106_0231"), "answer differs"),
        (changed("ReplySent", version=7), "answer differs"),
        (changed("ReplySent", number="1181106_0231"), "answer differs"),
        (changed("ReplySent", text="Suite"), "other words"),
        (again("ReplySent", key=""), "nobody sent"),
        (again("DocumentAttached", key="", filename=""), "nobody sent"),
        (changed("ReplySent", version=7), "order broken"),
        (changed("ReplySent", event=EVENTS["created"]), "doubled"),
        (changed("ConfirmationSent", message_id="<3>"), "lost"),
        (changed("ConfirmationSent", message_id="<3>"), "unrecorded"),
        (changed("ConfirmationSent", message_id="<2>"), "doubled"),
        (changed("ConfirmationSent", number="1181106_0231"), "lost"),
    ],
)
def test_a_journal_that_lies_is_found_out(facts: list[Fact], what: str) -> None:
    assert what in whats(judge(true_ledger(), evidence(facts)))


def refused(command: Command) -> None:
    command.answer, command.refused = None, "409 non"


def unanswered(command: Command) -> None:
    command.answer = None


def failed(command: Command) -> None:
    command.failed = "Erreur interne"


@pytest.mark.parametrize(
    ("lie", "recorded", "what"),
    [
        (refused, True, "refused, but recorded"),
        (refused, False, "refused"),
        (unanswered, False, "never answered"),
        (failed, True, "answered with 500"),
    ],
)
def test_commands_without_a_yes_are_told(lie: Callable[[Command], None], recorded: bool, what: str) -> None:
    ledger = true_ledger()
    lie(ledger[1])
    found = judge(ledger, evidence() if recorded else evidence(without("ReplySent")))
    assert what in whats(found)
    assert "lost" not in whats(found) or not recorded


def test_what_was_not_acknowledged_may_stand_once_only() -> None:
    ledger = true_ledger()
    unanswered(ledger[1])
    assert "doubled" in whats(judge(ledger, evidence(again("ReplySent"))))


@pytest.mark.parametrize(("read", "what"), [({}, "lost"), ({DOCUMENT: "0" * 64}, "wrong bytes")])
def test_bytes_that_are_gone_or_others_are_found(read: dict[UUID, str], what: str) -> None:
    assert whats(judge(true_ledger(), evidence(bytes_read=read))) == {what}


def test_a_mail_that_never_came_is_found() -> None:
    deliveries = [Delivery(1005.5, "<2>", NUMBER)]
    assert whats(judge(true_ledger(), evidence(deliveries=deliveries))) == {"lost"}


def test_a_mail_may_come_again_in_the_window_of_smtp_and_not_later() -> None:
    twice = [*evidence().deliveries, Delivery(1004 + WINDOW - 1, "<1>", NUMBER)]
    assert judge(true_ledger(), evidence(deliveries=twice)) == []
    assert repeated(twice) == 1
    late = [*evidence().deliveries, Delivery(1004 + WINDOW + 1, "<1>", NUMBER)]
    assert whats(judge(true_ledger(), evidence(deliveries=late))) == {"doubled"}


def test_a_mail_may_not_come_again_at_all_before_anything_was_broken() -> None:
    twice = [*evidence().deliveries, Delivery(1003.6, "<1>", NUMBER)]
    assert whats(judge(true_ledger(), evidence(deliveries=twice, disturbed=1005))) == {"doubled"}


def test_a_mail_under_another_id_is_found() -> None:
    other = [*evidence().deliveries, Delivery(1006, "<3>", NUMBER)]
    assert whats(judge(true_ledger(), evidence(deliveries=other))) == {"unrecorded"}


@pytest.mark.parametrize(
    ("fed", "what"),
    [
        (lambda events: events[1:], "lost"),
        (lambda events: [*events, events[0]], "doubled"),
        (lambda events: events[::-1], "order broken"),
        (lambda events: [*events, UUID(int=98)], "invented"),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_a_feed_that_skips_repeats_mixes_or_invents_is_found(
    fed: Callable[[list[UUID]], list[UUID]], what: str, form: str
) -> None:
    facts = true_facts()
    wrong = {**evidence(facts).fed, form: fed([fact.event for fact in facts])}
    assert whats(judge(true_ledger(), evidence(facts, fed=wrong))) == {what}


def test_work_that_is_left_and_proofs_that_fail_are_told() -> None:
    found = judge(true_ledger(), evidence(unfinished=["mail"], commands=["verify: the journal lies"]))
    assert whats(found) == {"unfinished", "command failed"}
