"""The portal as in its own tests: a real Redis, the demo's identity provider, stand-ins for intake and query."""

from tests.integration.portal.conftest import browser, claire, identity, portal, settings, world  # noqa: F401
