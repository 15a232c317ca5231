"""When incidents are due: beside their rows, on their pages, and why."""
