"""What agents alone may read."""
