"""The one-stop's case system as we meet it: connectors that tell it of every change, and a simulator of it."""
