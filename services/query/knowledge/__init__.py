"""What the assistance publishes, as it is read: lists, suggestions, what stands beside an incident."""
