"""Today: what waits for each group, and what comes in faster than usual."""

from datetime import timedelta

from shared import clock
from shared.clock import PARIS
from shared.events.incident import IncidentRouted
from shared.events.vocabulary import Role
from shared.journal.records import Outcome

PATH = "/v1/dashboard"


async def burst(journal, subject: str, count: int, weeks: int = 0) -> Outcome:
    """So many incidents about a subject, so many weeks ago at this hour of Paris."""
    at = clock.now().astimezone(PARIS) - timedelta(weeks=weeks)
    claire = await journal.person("claire")
    for _ in range(count):
        stream, _ = await journal.create(claire, subject=subject, at=at)
        routed = IncidentRouted(group=subject.partition(".")[0], rule="subject", why="règle")
        outcome = await journal.add(stream, routed, at=at)
    return outcome


async def test_a_manager_sees_what_waits_and_what_comes_in_faster(api, journal, projected):
    await burst(journal, "messagerie.acces", 2)
    last = await burst(journal, "reseau.filtrage", 4)
    await projected(last.position)
    found = (await api.as_("paul", Role.REPORTING).get(PATH)).raise_for_status().json()
    assert found["created"] == 6
    (rush,) = found["rushes"]
    assert (rush["subject"], rush["created"], rush["usual"], rush["days"]) == ("reseau.filtrage", 4, 0.0, 8)
    waiting = {one["group"]: one for one in found["waiting"]}
    assert (waiting["reseau"]["to_handle"], waiting["reseau"]["in_progress"], waiting["reseau"]["on_hold"]) == (4, 0, 0)
    assert waiting["reseau"]["oldest_at"] is not None


async def test_what_comes_in_every_week_at_this_hour_is_no_rush(api, journal, projected):
    for weeks in range(1, 9):
        await burst(journal, "reseau.filtrage", 4, weeks)
    last = await burst(journal, "reseau.filtrage", 4)
    await projected(last.position)
    found = (await api.as_("paul", Role.REPORTING).get(PATH)).raise_for_status().json()
    assert (found["created"], found["rushes"]) == (4, [])
