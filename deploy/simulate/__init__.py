"""A past for an empty system: incidents of a school year as if they had really come in. See `__main__`."""
