"""What waits for groups: one queue, or all queues of an agent together."""
