"""What the assistance publishes: errors whose way round is known."""
