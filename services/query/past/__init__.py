"""The past as it was: what had happened by an instant, the life of an incident step by step, what waited then."""
