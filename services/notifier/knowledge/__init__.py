"""What follows for many from what is published or retired."""
