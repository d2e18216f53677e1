"""The message bus of one-stop systems, with kombu: what is published, what is heard, and what cannot be taken."""
