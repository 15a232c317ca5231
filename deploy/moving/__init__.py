"""Moving house: the whole history in files that belong to no version of PostgreSQL, described in `docs/moving.md`."""
