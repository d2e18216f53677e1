"""Printed documents: numbered, the same again when printed again, and marked as a copy then."""
