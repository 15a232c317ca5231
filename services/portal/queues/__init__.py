"""The console of agents, its list: what waits for their groups, and what is done about several incidents at once."""
