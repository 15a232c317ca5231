"""Targets that are near their end or missed: found in time, recorded, and told to those who answer for them."""
