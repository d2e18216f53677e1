"""What an account is configured with: options in the shape of its operator, and secrets that are there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from config.accounts import CarrierAccount
from config.errors import ConfigurationError

Options = TypeVar("Options", bound=BaseModel)


def place_of(account: CarrierAccount) -> str:
    """Return how messages name an account."""
    return f"Carrier account '{account.id}' ({account.carrier})"


def read_options(account: CarrierAccount, model: type[Options]) -> Options:
    """Return an account's options.

    Raises:
        ConfigurationError: something is missing or wrong; the message names the place, never a value.
    """
    try:
        return model.model_validate(account.options)
    except ValidationError as error:
        raise ConfigurationError.from_validation(f"{place_of(account)}, options", error) from error


def secret_of(account: CarrierAccount, name: str) -> str:
    """Return one of the account's secrets without white space around it; empty where it has none."""
    secret = account.secrets.get(name)
    return secret.get_secret_value().strip() if secret else ""


def require_secrets(account: CarrierAccount, names: Iterable[str], remedy: str) -> None:
    """Check that secrets are there; ``remedy`` says whose they are.

    Raises:
        ConfigurationError: some are not; the message names them.
    """
    if missing := [name for name in names if not secret_of(account, name)]:
        raise ConfigurationError(f"{place_of(account)}: add secrets.{' and secrets.'.join(missing)}{remedy}")
