"""The catalogue as supervisors change it: what there is, one form a part, its history, its file."""
