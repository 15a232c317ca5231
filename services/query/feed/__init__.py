"""The history of all events, for programs that follow it."""
