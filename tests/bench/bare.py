"""The simplest service that could take the form: checks the token, reads the body, sends it back, keeps nothing.

`python -m tests.bench.bare PORT`, with the `CECOIA_*` variables of a stack.
"""

from __future__ import annotations

import sys

from litestar import Litestar, post

from services.intake.forms import NewIncident
from shared.http.app import run
from shared.http.identity import SIGNED_IN, TokenVerifier, check_bearer
from shared.settings import Settings


@post("/v1/incidents", access=SIGNED_IN)
async def echo(data: NewIncident) -> NewIncident:
    """Answer with what came."""
    return data


if __name__ == "__main__":
    app = Litestar([echo], guards=[check_bearer], openapi_config=None, logging_config=None)
    app.state.verifier = TokenVerifier(Settings.read())
    run(app, "127.0.0.1", int(sys.argv[1]))
