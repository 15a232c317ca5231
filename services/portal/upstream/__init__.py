"""Intake and query, asked in a person's name."""
