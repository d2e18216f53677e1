"""The message bus between one-stop systems and us: what a message says, and where the bus is."""
