"""What may be asked of an incident, what that makes happen, and what has become of it. Pure."""
