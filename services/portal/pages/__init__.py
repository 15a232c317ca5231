"""What requesters see: one module a page."""
