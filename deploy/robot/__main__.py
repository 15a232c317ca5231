"""`python -m deploy.robot`: answers requests for software in the queue of a group, until SIGTERM.

Name and secret of the program are those of the demo, unless ROBOT_NAME and ROBOT_SECRET say others.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import warnings

import httpx
from celery.exceptions import SecurityWarning

from deploy.robot.centre import LIMIT, Centre
from deploy.robot.program import Program, run
from shared.environment import stack_variables
from shared.service_token import ServiceToken


def main() -> int:
    """Read the command line and the addresses of the running stack, and serve."""
    parser = argparse.ArgumentParser(prog="python -m deploy.robot", description=__doc__)
    parser.add_argument("--group", default="postes", help="whose queue it serves")
    parser.add_argument("--every", type=float, default=30.0, metavar="SECONDS", help="between two looks at its own")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells every request
    warnings.simplefilter("ignore", SecurityWarning)  # that it runs as root is the operator's choice
    stack = stack_variables()
    name, secret = os.environ.get("ROBOT_NAME", "robot-postes"), os.environ.get("ROBOT_SECRET", "demo")
    token = ServiceToken(stack["CECOIA_OIDC_ISSUER"], name, secret)
    with httpx.Client(auth=token, timeout=LIMIT) as client:
        program = Program(Centre(client, stack["CECOIA_INTAKE_URL"], stack["CECOIA_QUERY_URL"]), given.group)
        options = json.loads(stack.get("CECOIA_BROKER_OPTIONS") or "{}")
        return run(program, given.group, stack["CECOIA_BROKER_URL"], options, given.every)


if __name__ == "__main__":
    sys.exit(main())
