"""Every line of a process is JSON with the same fields, whoever wrote it."""

import json
import subprocess
import sys

_PROGRAM = """
import logging
from shared import logs
logs.configure("intake")
logs.bind_request("request-1")
ours = logs.logger("services.intake.some")
ours.debug("too_quiet")
ours.info("incident_created", number="1181106_0230")
logging.getLogger("library").warning("Échec n° %s", 7)
logging.getLogger("httpx").info("too quiet as well")
try:
    1 / 0
except ZeroDivisionError:
    ours.exception("request_failed")
"""


def test_ours_and_those_of_libraries_look_alike() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, check=True)
    ours, library, failed = map(json.loads, done.stderr.decode().splitlines())
    assert {line["service"] for line in (ours, library, failed)} == {"intake"}
    assert {line["request_id"] for line in (ours, library, failed)} == {"request-1"}
    assert all(line["timestamp"].endswith("Z") for line in (ours, library, failed))
    assert (ours["event"], ours["level"], ours["number"]) == ("incident_created", "info", "1181106_0230")
    assert ours["logger"] == "services.intake.some"
    assert (library["event"], library["logger"]) == ("Échec n° 7", "library")
    assert failed["exception"].endswith("ZeroDivisionError: division by zero")


def test_a_full_disk_stops_nobody() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        program = [sys.executable, "-c", _PROGRAM + "print('done')"]
        done = subprocess.run(program, stderr=full, stdout=subprocess.PIPE, check=False)
    assert done.stdout == b"done\n"
