"""An incident that follows another: each page leads to the other, for those who may see it."""

from shared.events import incident
from shared.events.vocabulary import ClosedBy, Role


async def test_each_leads_to_the_other(api, journal, projected):
    claire, hugo = await journal.person("claire", "Claire Martin"), await journal.person("hugo", "Hugo Petit")
    stream, former = await journal.create(claire, beneficiary=hugo)
    await journal.add(stream, incident.IncidentClosed(closed_by=ClosedBy.SILENCE))
    _, later = await journal.create(claire, follows=former.number)
    await projected(later.position)
    pages = {
        who: [(await client.get(f"/v1/incidents/{number}")) for number in (former.number, later.number)]
        for who, client in (("claire", api.as_("claire")), ("nadia", api.as_("nadia", Role.AGENT)))
    }
    for before, after in pages.values():
        assert (before.json()["follows"], after.json()["followed_by"]) == (None, [])
        assert [tie["number"] for tie in before.json()["followed_by"]] == [later.number]
        assert after.json()["follows"] == {"number": former.number, "status": "closed", "status_label": "Clôturé"}
    seen = (await api.as_("hugo").get(f"/v1/incidents/{former.number}")).json()
    assert seen["followed_by"] == []


async def test_what_can_be_followed_says_so(api, journal, projected):
    claire = await journal.person("claire", "Claire Martin")
    found = {}
    for name, events in {
        "open": (),
        "cancelled": (incident.IncidentCancelled(by=claire, reason="Réglé"),),
        "closed long ago": (incident.IncidentClosed(closed_by=ClosedBy.SILENCE),),
    }.items():
        stream, created = await journal.create(claire)
        for event in events:
            await journal.add(stream, event, owner=claire.id, at=journal.now().replace(year=2020))
        found[name] = created
    await projected(created.position)
    client = api.as_("claire")
    said = {
        name: (await client.get(f"/v1/incidents/{one.number}")).json()["can_be_followed"] for name, one in found.items()
    }
    assert said == {"open": False, "cancelled": True, "closed long ago": True}
