"""One incident as it is, its story, and lists of many."""
