"""Two incidents that become one: both record it in one step, whoever does what at the same moment."""

import asyncio

import pytest

from shared.events.incident import DuplicatesAdded, IncidentsMerged


@pytest.fixture
def merge(client, provider):
    """Merges an incident into another, as an agent of its group unless told otherwise."""

    async def send(number, into, who="nadia.benali", **headers):
        named = provider.bearer(who) | headers
        return await client.post(f"/v1/incidents/{number}/merge", json={"into": into}, headers=named)

    return send


async def routed(client, provider, number):
    """An incident that waits for no group cannot be merged: let somebody take it and give it back."""
    for command in ("take", "release"):
        answer = await client.post(f"/v1/incidents/{number}/{command}", headers=provider.bearer("nadia.benali"))
        assert answer.status_code == 201, answer.text
    return number


@pytest.fixture
def waiting(client, provider, created):
    """Records an incident that waits for a group."""

    async def create():
        return await routed(client, provider, await created())

    return create


async def test_both_record_it_in_one_step(merge, waiting, history):
    one, other = await waiting(), await waiting()
    answer = await merge(one, other.lower().replace("_", "-"))
    assert (answer.status_code, answer.json()["status"]) == (201, "merged"), answer.text
    merged, added = (await history(one))[-1], (await history(other))[-1]
    assert isinstance(merged, IncidentsMerged)
    assert isinstance(added, DuplicatesAdded)
    assert (merged.into.number, [tie.number for tie in added.duplicates]) == (other, [one])
    assert merged.by == added.by


async def test_the_same_sending_is_answered_the_same_and_happens_once(merge, waiting, history):
    one, other = await waiting(), await waiting()
    first, second = [await merge(one, other, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert (second.json(), second.headers["idempotent-replayed"]) == (first.json(), "true")
    assert len([event for event in await history(other) if isinstance(event, DuplicatesAdded)]) == 1


async def test_of_two_that_are_merged_into_each_other_one_goes_on(merge, waiting, history):
    """Whoever is second has read something that is no longer so."""
    for _ in range(5):
        one, other = await waiting(), await waiting()
        answers = await asyncio.gather(merge(one, other), merge(other, one))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        (refused,) = [answer.json()["type"] for answer in answers if answer.status_code == 409]
        assert refused.rpartition(":")[2] in {"status", "leader-merged"}
        ends = [[type(event) for event in await history(number)][-1] for number in (one, other)]
        assert set(ends) == {IncidentsMerged, DuplicatesAdded}


async def test_many_mergers_at_once_lose_nothing_and_make_no_ring(merge, waiting, history):
    numbers = [await waiting() for _ in range(4)]
    pairs = [(one, other) for one in numbers for other in numbers if one != other]
    answers = await asyncio.gather(*(merge(*pair) for pair in pairs))
    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    stories = {number: await history(number) for number in numbers}
    into = {
        n: event.into.number for n, story in stories.items() for event in story if isinstance(event, IncidentsMerged)
    }
    assert len(into) == sum(answer.status_code == 201 for answer in answers)
    for number in numbers:
        seen = [number]
        while seen[-1] in into:
            seen.append(into[seen[-1]])
            assert len(seen) <= len(numbers), seen
        known = [tie.number for e in stories[seen[-1]] if isinstance(e, DuplicatesAdded) for tie in e.duplicates]
        assert number in {*known, seen[-1]}


@pytest.mark.parametrize("into", ["1181106_9999", "n’importe quoi", ""])
async def test_what_does_not_exist_is_a_mistake_in_the_form(merge, waiting, into):
    answer = await merge(await waiting(), into)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["into"]


async def test_an_older_version_is_not_merged(merge, waiting):
    one, other = await waiting(), await waiting()
    answer = await merge(one, other, **{"If-Match": '"1"'})
    assert answer.status_code == 412
