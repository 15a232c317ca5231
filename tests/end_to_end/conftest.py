"""The whole system and a browser in front of it, for the tests that look at it as people do."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.support.browser import BrowserMissingError, chromium
from tests.support.seeding import Seeded, seed
from tests.support.stack import Stack, running_stack
from tests.support.visitor import Visitor

PATIENCE = 15_000  # ms: two cores serve everything here
Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The running system, the same for all tests."""
    with running_stack() as running:
        yield running


@pytest.fixture(scope="session")
def seeded(stack: Stack) -> Seeded:
    """Incidents that stand in it."""
    return seed(stack)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium for the tests of a module; without one they are skipped loudly, and in CI they fail."""
    try:
        with chromium() as started:
            expect.set_options(timeout=PATIENCE)
            yield started
    except BrowserMissingError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def visit(browser: Browser, stack: Stack) -> Iterator[Visit]:
    """Make visitors: `visit("claire.martin", viewport=…)` is signed in, `visit()` is nobody yet."""
    contexts: list[BrowserContext] = []

    def make(username: str | None = None, **options: Any) -> Visitor:
        context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        visitor = Visitor(context, stack.portal)
        if username:
            visitor.sign_in(username)
        return visitor

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def screenshot(tmp_path: Path) -> Path:
    """A small real PNG image."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x0d\x4a\x4c" * 16 for _ in range(16))
    path = tmp_path / "capture-code-535.png"
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    return path
