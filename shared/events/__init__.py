"""The list of everything that can happen. Imports nothing but msgspec.

Open `incident` first: it is the life of an incident. `registry` reads and writes events, `publish`
writes their JSON Schemas.
"""
