"""Incidents: what went wrong with papers, who looks after it, what is due when, and how it ended."""
