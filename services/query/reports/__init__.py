"""Figures over days, and the history of all events."""
