"""Incidents whose requester does not say whether they are solved: they are reminded, then the incident is closed."""
