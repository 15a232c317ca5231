"""Variables of services in tests."""

from pathlib import Path
from typing import Final

#: For what a test does not use but settings must have.
NOWHERE: Final = {
    "CECOIA_DATABASE_URL": "postgresql://nowhere",
    "CECOIA_BROKER_URL": "redis://nowhere",
    "CECOIA_REDIS_URL": "redis://nowhere",
    "CECOIA_SMTP_URL": "smtp://nowhere",
}


def service_variables(home: Path, database_url: str, redis_url: str, issuer: str) -> dict[str, str]:
    """Those of services on servers that a test has; their mail goes nowhere."""
    return {
        "CECOIA_HOME": str(home),
        "CECOIA_DATABASE_URL": database_url,
        "CECOIA_REDIS_URL": redis_url,
        "CECOIA_BROKER_URL": redis_url,
        "CECOIA_SMTP_URL": "smtp://127.0.0.1:1",
        "CECOIA_OIDC_ISSUER": issuer,
    }
