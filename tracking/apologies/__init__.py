"""Broken promises: who apologises for what, in which form, by when, and once."""
