"""The event store: append, read, follow, seal, verify; its SQL stands beside the module that runs it."""
