"""How long an incident may take: its clocks, the instants at which they run out, and why."""
