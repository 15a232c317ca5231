"""Which group an incident waits for, and the event that says so."""
