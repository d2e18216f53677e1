"""The error that stops a boot: something in the configuration is wrong, and here is what to change."""

from __future__ import annotations

from pydantic import ValidationError

_MOST = 5


class ConfigurationError(Exception):
    """The configuration cannot be used; the message names the setting and the next step."""

    @classmethod
    def from_validation(cls, where: str, error: ValidationError) -> ConfigurationError:
        """Turn pydantic's report into lines that name the setting, never its value (it may be a secret)."""
        lines = [f"  {'.'.join(str(part) for part in e['loc']) or '(file)'}: {e['msg']}" for e in error.errors()]
        return cls(f"{where} cannot be used:\n" + "\n".join(lines))


def briefly(error: ValidationError) -> str:
    """Return in one line what pydantic found wrong: where and why, never the value (it may name a citizen)."""
    found = error.errors(include_url=False, include_input=False)
    said = [f"{'.'.join(str(part) for part in one['loc']) or 'body'}: {one['msg']}" for one in found[:_MOST]]
    return "; ".join(said) + (f"; and {len(found) - _MOST} more" if len(found) > _MOST else "")
