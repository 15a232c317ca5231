"""What supervisors change of the catalogue."""
