"""The error that stops a boot: something in the configuration is wrong, and here is what to change."""

from __future__ import annotations

from pydantic import ValidationError


class ConfigurationError(Exception):
    """The configuration cannot be used; the message names the setting and the next step."""

    @classmethod
    def from_validation(cls, where: str, error: ValidationError) -> ConfigurationError:
        """Turn pydantic's report into lines that name the setting, never its value (it may be a secret)."""
        lines = [f"  {'.'.join(str(part) for part in e['loc']) or '(file)'}: {e['msg']}" for e in error.errors()]
        return cls(f"{where} cannot be used:\n" + "\n".join(lines))
