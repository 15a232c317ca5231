"""`python -m services.portal` serves the pages."""

from services.portal.app import create_app
from shared.http.app import run
from shared.logs import configure
from shared.settings import Settings


def main() -> None:
    """Serve until told to stop."""
    configure("portal")
    settings = Settings.read_or_exit()
    run(create_app(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
