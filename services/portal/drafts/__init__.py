"""What was typed and not yet sent, from the first letter to the answer."""
