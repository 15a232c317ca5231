"""The read side: events become answers.

Read `incident` (what an incident is now), `tracking` (the list) and `projector` (who keeps it up to date), then `api`.
"""
