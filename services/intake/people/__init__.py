"""What happens to people: they are forgotten when a supervisor asks, the operator does, or their time is over."""
