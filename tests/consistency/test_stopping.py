"""What is told to stop stops, even when its connection breaks at that moment."""

import asyncio

import pytest

from services.intake.housekeeping import Housekeeping
from services.notifier import relay
from services.notifier.toolbox import persist
from services.notifier.work.dispatcher import Dispatcher
from services.query import lag
from services.query.projections.projector import Projector
from services.query.projections.registry import PROJECTIONS
from shared.journal import erasures
from shared.journal.follow import Follower
from shared.journal.records import START
from shared.journal.sealer import Sealer
from shared.wakeups import Messages
from tests.support.breaking import Breaking, stops


def messages(broken):
    made = Messages("redis://127.0.0.1:1")
    made._redis = broken
    return made


WORKS = {
    "follower": lambda broken: Follower(broken, None, "x", None).run(None),
    "sealer": lambda broken: Sealer(broken, None, None).run(),
    "projector": lambda broken: Projector(broken, None, "", PROJECTIONS).run(),
    "dispatcher": lambda broken: Dispatcher(broken, None).run(),
    "relay": lambda broken: relay._housekeeping(broken, None),
    "persist": lambda broken: persist(broken.use),
    "lag": lambda broken: lag._watch(broken, 1.0),
    "intake": lambda broken: Housekeeping(broken, None, None, None).run(),
    "erasures": lambda broken: erasures._heed(broken, None, START, 1.0),
    "messages": lambda broken: anext(messages(broken).subscribe("x")),
}


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
async def test_one_word_is_enough(work):
    broken = Breaking()
    assert await stops(asyncio.create_task(work(broken)), broken)
