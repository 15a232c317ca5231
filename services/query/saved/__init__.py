"""What people saved under names of their own: views of queues, and reports."""
