"""What agents work from."""
