"""The read side: events become answers.

Read `incidents.fold` (what an incident is now), `projections.tracking` (the list) and `projections.projector` (who
keeps it up to date), then `api`.
"""
