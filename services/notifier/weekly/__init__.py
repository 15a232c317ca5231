"""The week in figures, by mail to the supervisors each Monday morning."""
