"""The demo parts know every password; they run for the demo only."""

import os
import sys
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"


def demo_only(what: str, address: str) -> None:
    """End the process unless the supervisor of the demo started it, for an address of the loopback.

    Args:
        what: name of the part, for the line that says why.
        address: the URL under which others reach it.
    """
    if os.environ.get("CECOIA_DEMO") != "1":
        sys.exit(f"{what} is for the demo only: `make run` starts it, nothing else should")
    if urlsplit(address).hostname not in {LOOPBACK, "localhost"}:
        sys.exit(f"{what} answers on the loopback only, not under {address}")
