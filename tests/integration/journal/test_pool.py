from shared.database import Pool


async def test_connections_work_as_their_role_within_limits(pool: Pool) -> None:
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT current_user") == "cecoia_intake"
        await connection.execute("SET transaction_timeout = 0")
    for setting, value in {
        "role": "cecoia_intake",
        "transaction_timeout": "30s",
        "synchronous_commit": "on",
        "TimeZone": "UTC",
        "application_name": "tests intake",
    }.items():
        assert await pool.fetchval("SELECT current_setting($1)", setting) == value
