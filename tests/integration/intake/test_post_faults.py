"""Nothing that was handed over is lost, and nothing counts twice, whatever breaks between mail server and journal."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import uuid5

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.post.finding import mail_key
from services.intake.post.process import replay
from shared.documents import StoreFullError, StoreUnavailableError
from shared.journal.batcher import JournalBusy, JournalUnavailable
from tests.integration.intake.erasing import command, erase
from tests.support.post import DOMAIN, US, Door, mail, post_server
from tests.support.waiting import until
from tests.support.wire_cutter import WireCutter

CLAIRE = "claire.martin@academie.example"
WAITS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def breaking(monkeypatch):
    """Lets calls of a coroutine function fail while the context lasts."""

    @contextmanager
    def broken(owner: object, name: str, error: Exception) -> Iterator[None]:
        async def fail(*_: object) -> None:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(owner, name, fail)
            yield

    return broken


async def places(post: Door, *, waiting: bool) -> list[object]:
    return [place async for place in post.tools.archive.places(waiting_only=waiting)]


@pytest.mark.parametrize(
    ("error", "code"),
    [(JournalBusy(), 451), (JournalUnavailable(), 451), (asyncpg.InterfaceError("x"), 451), (RuntimeError("bug"), 451)],
    ids=repr,
)
async def test_what_cannot_be_recorded_now_waits(post: Door, numbers, breaking, error, code):
    with breaking(post.tools.batcher, "append", error):
        assert (await post.hand_in(mail())).code == code
    assert (len(await places(post, waiting=True)), await numbers()) == (1, [])
    assert (await post.hand_in(mail())).code == 250
    assert (len(await places(post, waiting=True)), len(await numbers())) == (0, 1)


@pytest.mark.parametrize(("error", "code"), [(StoreFullError(), 452), (StoreUnavailableError("x"), 451)], ids=repr)
async def test_a_store_that_takes_nothing_asks_to_come_again(post: Door, numbers, breaking, error, code):
    with breaking(post.tools.store, "write", error):
        assert (await post.hand_in(mail())).code == code
    assert await numbers() == []


async def test_while_the_database_is_away_mails_stay_where_they_are(settings, app, numbers):
    async with (
        WireCutter(settings.database_url).running() as wire,
        post_server(settings, database_url=wire.url) as post,
    ):
        wire.refuses = True
        wire.cut()
        assert (await post.hand_in(mail())).code == 451
        wire.refuses = False
        assert (await post.hand_in(mail())).code == 250
    assert len(await numbers()) == 1


async def test_what_broke_between_commit_and_answer_is_recorded_once(post: Door, numbers, history, breaking):
    with breaking(post.tools.store, "move", StoreUnavailableError("x")):
        assert (await post.hand_in(mail())).code == 451
    assert (await post.hand_in(mail())).code == 250
    [number] = await numbers()
    assert len(await history(number)) == 2
    assert (len(await places(post, waiting=True)), len(await places(post, waiting=False))) == (0, 1)


async def test_the_same_mail_over_two_connections_at_once(post: Door, numbers):
    replies = await asyncio.gather(*(post.hand_in(mail()) for _ in range(5)))
    assert {reply.code for reply in replies} == {250}
    assert len(await numbers()) == 1


# ── the process ─────────────────────────────────────────────────────────────


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@asynccontextmanager
async def process(settings, port, database_url):
    """`python -m services.intake post`, listening."""
    variables = {
        "CECOIA_HOME": str(settings.home),
        "CECOIA_DATABASE_URL": database_url,
        "CECOIA_REDIS_URL": settings.redis_url,
        "CECOIA_BROKER_URL": settings.broker_url,
        "CECOIA_SMTP_URL": settings.smtp_url,
        "CECOIA_POST_URL": f"smtp://127.0.0.1:{port}",
        "CECOIA_MAIL_DOMAINS": DOMAIN,
    }
    with (settings.home / "post.log").open("ab") as log:
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.intake", "post", env=os.environ | variables, stdout=log, stderr=log
        )
    try:
        await until(lambda: listens(port))
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.mark.usefixtures("app")
async def test_killed_between_commit_and_answer(settings, numbers, history):
    port, message = free_port(), mail(Message_ID="<celui-ci@poste.example>")
    door = Door(port, None)
    owner = await asyncpg.connect(settings.database_url)
    async with WireCutter(settings.database_url).running() as wire:
        async with process(settings, port, wire.url) as running:
            assert (await door.hand_in(mail("Un premier."))).code == 250
            person = (await history((await numbers())[0]))[0].requester.id
            stream_id = uuid5(person, mail_key("<celui-ci@poste.example>"))
            async with owner.transaction():
                # Hold the stream, so that the append stands in the middle of its call when its answer is swallowed.
                await owner.execute("SELECT pg_advisory_xact_lock(uuid_hash_extended($1, 0))", stream_id)
                sending = asyncio.create_task(door.hand_in(message))
                await until(lambda: owner.fetchval(WAITS))
                wire.swallows = True
            await until(lambda: owner.fetchval("SELECT true FROM journal.streams WHERE stream_id = $1", stream_id))
            assert not sending.done()
            running.kill()
            with pytest.raises(Exception, match=r"onnection|EOF"):
                await sending
        wire.swallows = False
        wire.cut()
        async with process(settings, port, wire.url) as running:
            assert (await door.hand_in(message)).code == 250
            running.terminate()
            assert await asyncio.wait_for(running.wait(), 8) == 0
    await owner.close()
    assert len(await numbers()) == 2
    assert len(await history((await numbers())[1])) == 2


# ── once more ───────────────────────────────────────────────────────────────


async def test_what_failed_can_be_taken_in_again(post: Door, settings, numbers, breaking):
    with breaking(post.tools.batcher, "append", RuntimeError("bug")):
        await post.hand_in(mail("Celui-ci."))
    await post.hand_in(mail("Celui-là."))
    done = await command(settings, "post", "--replay", "failed")
    assert (done.returncode, done.stdout) == (0, "1 recorded\n")
    assert len(await numbers()) == 2
    done = await command(settings, "post", "--replay", "all")
    assert (done.returncode, done.stdout) == (0, "2 repeated\n")
    assert len(await numbers()) == 2


async def test_what_is_refused_meanwhile_stays_and_is_told(post: Door, settings, created, sophie, breaking):
    number = await created()
    with breaking(post.tools.batcher, "append", RuntimeError("bug")):
        await post.hand_in(mail("Encore.", Subject=f"Re: {number}"))
    await sophie.post(f"/v1/incidents/{number}/cancel", json={"text": "Erreur"})
    for _ in range(2):
        assert await replay(settings, everything=False) == "1 refused"


# ── erasure ─────────────────────────────────────────────────────────────────


async def test_the_mails_of_a_person_go_with_them(post: Door, sophie, ended):
    number = await ended()
    await post.hand_in(mail("Un mot.", Auto_Submitted="auto-replied"), "")
    await post.hand_in(mail(sender="hugo.petit@academie.example", Auto_Submitted="auto-replied"), "")
    [place, other] = sorted(await places(post, waiting=False), key=lambda one: str(one.person))
    assert (await erase(sophie, number)).status_code == 201

    async def gone() -> bool:
        return len(await places(post, waiting=False)) == 1

    await until(gone)
    [left] = await places(post, waiting=False)
    assert left in {place, other}
    assert await post.tools.archive.read(left) is not None


async def test_a_mail_is_not_readable_without_the_key(post: Door, settings):
    await post.hand_in(mail("Une phrase reconnaissable."))
    files = [path for path in (settings.home / "documents" / "mails").rglob("*") if path.is_file()]
    assert len(files) == 1
    assert b"reconnaissable" not in files[0].read_bytes()
    assert b"claire" not in files[0].read_bytes()


# ── the conversation ────────────────────────────────────────────────────────

LINES = st.one_of(
    st.binary(max_size=80),
    st.sampled_from(
        [
            b"EHLO x", b"HELO x", b"MAIL FROM:<a@academie.example>", b"MAIL FROM:<>", b"MAIL FROM:<a@b> SIZE=9999999999",
            b"RCPT TO:<" + US.encode() + b">", b"RCPT TO:<\xff>", b"DATA", b".", b"RSET", b"NOOP", b"VRFY \xe9\r",
            b"HELP", b"AUTH PLAIN AAAA", b"STARTTLS", b"EXPN x", b"From: a@academie.example", b"", b"\xc3\x28 \x00",
        ]
    ),
)  # fmt: skip
REPLY = re.compile(rb"[2345]\d\d[ -][\x20-\x7e]{0,506}\r\n")


@given(lines=st.lists(LINES, max_size=25))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_said_is_answered_as_smtp_asks(post: Door, lines: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", post.port)
    writer.write(b"".join(line.replace(b"\n", b"") + b"\r\n" for line in lines) + b"\r\n.\r\nQUIT\r\n")
    async with asyncio.timeout(10):
        said = await reader.read()
    writer.close()
    answers = said.splitlines(keepends=True)
    assert answers[0].startswith(b"220 ")
    assert [answer for answer in answers if not REPLY.fullmatch(answer)] == []
