"""Incidents offered to the programs of a group until somebody takes them."""
