"""What every HTTP service has in common: problems, identity, bodies, health, metrics, the browsable schema."""
