"""Figures over days."""
