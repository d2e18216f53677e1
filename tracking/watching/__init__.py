"""What the watch looks for, by what it is about."""
