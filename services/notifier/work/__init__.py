"""Rows of work: planned with the journal, leased, dispatched over the broker, ended for good."""
