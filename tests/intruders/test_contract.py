"""Both services keep what their OpenAPI documents say, whatever comes: generated requests, good, bad and absurd.

The same requests each time; `CECOIA_TEST_EXAMPLES=500` asks for more of them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import APIOperation, Case, CheckFunction, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.intruders.conftest import House
from tests.intruders.test_roles import FILE, document_of
from tests.support.intake import FORM

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

EXAMPLES: Final = int(os.environ.get("CECOIA_TEST_EXAMPLES", "8"))
#: One that may do everything, so that no request ends at the door.
EVERYTHING: Final = {"roles": ["requester", "agent", "supervisor", "reporting"], "groups": ["messagerie"]}
CHECKS: Final = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SENSIBLE: Final[dict[str, Any]] = {"phone": FORM["phone"], "subject": FORM["subject"], "uploads": []}
#: An answer without end; `test_roles` reads its head, the tests of query its events.
ENDLESS: Final = "/v1/stream"


def requests_of(operation: APIOperation, known: dict[str, Any]) -> Iterator[SearchStrategy[Case]]:
    """Good and bad requests, about anything and about what exists."""
    names = {parameter.name for parameter in operation.path_parameters}
    about = {name: value for name, value in known.items() if name in names}
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        yield operation.as_strategy(mode)
        if about:
            yield operation.as_strategy(mode, path_parameters=about).map(sensible)
    yield operation.as_strategy().map(sensible)


def sensible(case: Case) -> Case:
    """The same request with values that only the service can judge, where it has such fields."""
    if isinstance(case.body, dict):
        case.body |= {name: value for name, value in SENSIBLE.items() if name in case.body}
    return case


def checks_of_bodies(case: Case) -> list[CheckFunction]:
    """JSON is read strictly; unknown parameters of addresses and parts of forms need not be refused."""
    return [negative_data_rejection] if isinstance(case.body, dict) and case.media_type == "application/json" else []


def broken(strategy: SearchStrategy[Case], send: Callable[[Case], Any]) -> list[str]:
    """What the answers to these requests were that they must not be."""
    found: list[str] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def ask(case: Case) -> None:
        answer = send(case)
        if answer.status_code >= 500:
            found.append(f"{case.method} {case.formatted_path}: {answer.status_code} {answer.text[:300]}")
        try:
            case.validate_response(answer, checks=[*CHECKS, *checks_of_bodies(case)])
        except FailureGroup as group:
            found.extend(f"{case.method} {case.formatted_path}: {failure}" for failure in group.exceptions)

    ask()
    return found


@pytest.mark.parametrize("service", ["intake", "query"])
async def test_answers_are_as_documented(house: House, service: str) -> None:
    number = await house.incident()
    known = {"number": number, "document": await document_of(house, number), "group": "messagerie", "name": "volumes"}
    document = (await house.ask(service, "GET", "/schema/openapi.json")).json()
    schema = schemathesis.openapi.from_dict(document)
    headers = house.bearer("supervisor", **EVERYTHING)
    session = requests.Session()
    session.trust_env = False

    def send(case: Case) -> Any:
        return case.call(base_url=house.addresses[service], session=session, headers=headers, timeout=30)

    found: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path != ENDLESS:
            for strategy in requests_of(operation, known):
                found += await asyncio.to_thread(broken, strategy, send)
    session.close()
    assert found == []


async def test_the_documented_answers_include_those_of_every_refusal(house: House) -> None:
    """The requests above hold the roles that are asked for; these do not."""
    number = await house.incident()
    refused = {
        401: await house.ask("intake", "POST", f"/v1/incidents/{number}/take"),
        403: await house.ask("intake", "POST", f"/v1/incidents/{number}/take", house.bearer("own")),
        409: await house.ask("intake", "POST", f"/v1/incidents/{number}/release", house.bearer("agent")),
        412: await house.ask(
            "intake", "POST", f"/v1/incidents/{number}/close", house.bearer("agent") | {"If-Match": '"77"'}
        ),
        415: await house.ask("intake", "POST", f"/v1/incidents/{number}/reply", house.bearer("agent"), **FILE),
        431: await house.ask("intake", "POST", f"/v1/incidents/{number}/take", {"X-Long": "x" * 66_000}),
    }
    document = (await house.ask("intake", "GET", "/schema/openapi.json")).json()
    for status, answer in refused.items():
        command = answer.request.url.path.rpartition("/")[2]
        documented = document["paths"][f"/v1/incidents/{{number}}/{command}"]["post"]["responses"]
        assert answer.status_code == status
        assert list(documented[str(status)]["content"]) == [answer.headers["content-type"]]
