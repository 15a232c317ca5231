"""The whole system and a browser in front of it, as in the end-to-end tests."""

from tests.end_to_end.conftest import browser, screenshot, seeded, stack, visit  # noqa: F401
