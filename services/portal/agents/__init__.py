"""What agents do about an incident."""
