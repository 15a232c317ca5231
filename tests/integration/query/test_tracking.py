"""The tracking view holds what the journal says, after every page."""


async def test_rows_follow_the_journal(journal, projected, query_pool):
    claire = await journal.person("claire", "Claire Martin")
    _, outcome = await journal.create(claire, "Échec de connexion")
    await projected(outcome.position)
    row = await query_pool.fetchrow("select * from tracking_1.incidents")
    assert row["number"] == outcome.number
    assert row["requester_name"] == "Claire Martin"
