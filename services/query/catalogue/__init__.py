"""The catalogue as supervisors read it: whole, as a file, how it came about, and what other routes would do."""
