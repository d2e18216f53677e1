"""The whole system in a whole world."""
