"""Settings, carrier accounts, calendars, database and logging: what every other floor stands on."""
