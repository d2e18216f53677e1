"""Our own ways to the citizen, e-mail and SMS; which of them a message takes, and when."""
