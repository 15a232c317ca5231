"""Incidents on hold, resumed when their date comes."""
