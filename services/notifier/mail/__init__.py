"""From an event to the mail that tells of it, and the record of what became of that mail."""
