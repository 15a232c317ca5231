"""Variables for what a test does not use but settings must have."""

from typing import Final

NOWHERE: Final = {
    "CECOIA_DATABASE_URL": "postgresql://nowhere",
    "CECOIA_BROKER_URL": "redis://nowhere",
    "CECOIA_REDIS_URL": "redis://nowhere",
    "CECOIA_SMTP_URL": "smtp://nowhere",
}
