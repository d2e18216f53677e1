"""What a citizen may see of a dossier and do about it, and how a citizen proves whose it is."""
