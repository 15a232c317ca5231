"""How fast it is, always beside the simplest thing that could do the same: `python -m tests.bench`."""
