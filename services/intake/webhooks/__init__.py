"""Supervisors say where programs without a broker are told of incidents."""
