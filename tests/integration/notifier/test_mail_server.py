"""The mail server misbehaves; the mail still goes out once, or is given up where people see it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from services.notifier.mail.mailer import Server
from services.notifier.toolbox import Toolbox
from services.notifier.work.queues import Kind
from shared.events.notification import ConfirmationSent, NotificationFailed
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk
from tests.support.smtp import CUT, HANG, STAGES, Fault, SmtpServer

CLAIRE = "claire.martin@cecoia.example"


@pytest.fixture
def impatient(tools: Toolbox) -> Bench:
    """A bench that waits for the server hardly at all: only for servers that say nothing."""
    quick = replace(Server.parse(tools.settings.smtp_url), answer_limit=0.3, send_limit=1.0)
    return Bench(tools._replace(server=quick))


async def row(bench: Bench) -> Any:
    (found,) = await bench.rows(Kind.MAIL)
    return found


async def recovers(bench: Bench, desk: Desk, smtp: SmtpServer, stream: Any) -> None:
    """What failed for the moment is not dead, waits, and goes out when the server is well."""
    waiting = await row(bench)
    assert (waiting["attempts"], waiting["done_at"], waiting["dead_at"], waiting["lease"]) == (1, None, None, None)
    assert waiting["last_error"]
    assert await bench.tools.pool.fetchval("select due_at > now() from notifier.work where id = $1", waiting["id"])
    smtp.faults.clear()
    await bench.make_due()
    await bench.settle()
    (confirmed,) = await desk.of_type(stream, ConfirmationSent)
    assert confirmed.attempts == 2
    assert {mail.message["Message-ID"] for mail in smtp.mails} == {confirmed.message_id}
    assert await desk.of_type(stream, NotificationFailed) == []


async def test_down(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    stream = await desk.create(await desk.claire())
    await smtp.stop()
    await bench.settle()
    assert "ConnectError" in (await row(bench))["last_error"]
    await smtp.start()
    await recovers(bench, desk, smtp, stream)


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "text"])
async def test_refusing_for_now(bench: Bench, desk: Desk, smtp: SmtpServer, stage: str) -> None:
    smtp.faults.append(Fault(stage, "451 4.3.0 Try again later"))
    stream = await desk.create(await desk.claire())
    await bench.settle()
    await recovers(bench, desk, smtp, stream)


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "end"])
async def test_refusing_the_mail_for_good(bench: Bench, desk: Desk, smtp: SmtpServer, stage: str) -> None:
    smtp.faults.append(Fault(stage, f"550 5.1.1 <{CLAIRE.title()}> No such user"))
    stream = await desk.create(await desk.claire())
    await bench.settle()
    dead = await row(bench)
    assert dead["dead_at"] is not None
    assert dead["last_error"] == "550 5.1.1 <…> No such user"
    (failed,) = await desk.of_type(stream, NotificationFailed)
    assert (failed.attempts, failed.to.email) == (1, CLAIRE)
    assert CLAIRE in failed.error.lower()
    assert await desk.of_type(stream, ConfirmationSent) == []


@pytest.mark.parametrize("stage", ["connect", "ehlo"])
async def test_a_server_that_refuses_everybody_is_asked_again(
    bench: Bench, desk: Desk, smtp: SmtpServer, stage: str
) -> None:
    """No mail is to blame for that, so none is given up."""
    smtp.faults.append(Fault(stage, "554 5.7.1 Not you"))
    stream = await desk.create(await desk.claire())
    await bench.settle()
    await recovers(bench, desk, smtp, stream)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("action", [HANG, CUT])
async def test_hanging_and_cutting(
    bench: Bench, desk: Desk, smtp: SmtpServer, *, impatient: Bench, stage: str, action: str
) -> None:
    """At any stage, in the middle of DATA, and after the mail was taken: the same Message-ID, nothing else, again."""
    smtp.faults.append(Fault(stage, action))
    stream = await desk.create(await desk.claire())
    await impatient.settle()
    await recovers(bench, desk, smtp, stream)
    assert len(smtp.mails) == (2 if stage == "end" else 1)


async def test_a_server_that_signs_nobody_in_is_asked_again(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    smtp.faults.append(Fault("mail", "530 5.7.0 Authentication required"))
    stream = await desk.create(await desk.claire())
    await bench.settle()
    await recovers(bench, desk, smtp, stream)


async def test_one_bad_mail_holds_up_no_other(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    smtp.faults += [
        Fault("rcpt", "550 No such user", recipient="refused@cecoia.example"),
        Fault("text", CUT, recipient="cut@cecoia.example"),
        Fault("rcpt", "450 Greylisted", recipient="later@cecoia.example"),
    ]
    for name in ("refused", "cut", "later", *(f"fine{i}" for i in range(12))):
        await desk.create(await desk.person(name, f"{name}@cecoia.example"))
    await desk.create(await desk.person("Bad Address", "nowhere"))
    await bench.settle()
    assert {mail.recipient for mail in smtp.mails} == {f"fine{i}@cecoia.example" for i in range(12)}
    states = await bench.states()
    assert (states["mail.done"], states["mail.dead"], states["mail.waiting"]) == (12, 2, 2)


async def test_one_session_carries_many_mails(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    claire = await desk.claire()
    for _ in range(20):
        await desk.create(claire)
    await bench.settle()
    assert len(smtp.mails) == 20
    assert smtp.sessions <= 4


async def test_a_server_that_is_away_costs_one_try_a_session(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    """The rest of a batch is given back without blame, and soon goes again."""
    claire = await desk.claire()
    for _ in range(20):
        await desk.create(claire)
    await smtp.stop()
    await bench.settle()
    rows = await bench.rows(Kind.MAIL)
    assert sum(found["attempts"] for found in rows) <= 4
    assert not any(found["lease"] for found in rows)
    await smtp.start()
    await bench.make_due()
    await bench.settle()
    assert len({mail.message["Message-ID"] for mail in smtp.mails}) == len(smtp.mails) == 20


async def test_a_mail_is_given_up_after_days(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    smtp.faults.append(Fault("rcpt", "450 Greylisted"))
    stream = await desk.create(await desk.claire())
    await bench.settle()
    await bench.tools.pool.execute("update notifier.work set give_up_at = now()")
    await bench.make_due()
    await bench.settle()
    (failed,) = await desk.of_type(stream, NotificationFailed)
    assert (failed.attempts, failed.error) == (2, "450 Greylisted")
    assert (await row(bench))["dead_at"] is not None


async def test_back_off_doubles_up_to_an_hour(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    smtp.faults.append(Fault("rcpt", "450 Greylisted"))
    await desk.create(await desk.claire())
    waits = []
    for _ in range(14):
        await bench.settle()
        waits.append(
            await bench.tools.pool.fetchval(
                "select extract(epoch from due_at - now())::float from notifier.work where kind = 'mail'"
            )
        )
        await bench.make_due()
    assert all(0.6 * 5 * 2**n < wait <= 1.2 * 5 * 2**n for n, wait in enumerate(waits[:10]))
    assert all(2800 < wait <= 1.2 * 3600 for wait in waits[10:])
