"""The operators' statements of account: read, kept, compared with what we know, and answered line by line."""
