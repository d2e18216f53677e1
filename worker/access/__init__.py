"""Who may do what, and who did what: roles, staff accounts, sessions, API clients and the audit trail."""
