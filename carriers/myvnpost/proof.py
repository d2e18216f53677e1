"""Whether a webhook's ``signature`` proves its text, in the two ways that VNPost's manual and sample code tell of."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from carriers.account_options import secret_of
from carriers.myvnpost.keys import read_private_key, read_public_key
from carriers.myvnpost.settings import Webhooks
from config.accounts import CarrierAccount
from config.errors import ConfigurationError

_Key = TypeVar("_Key")

PUBLIC_KEY, PRIVATE_KEY = "webhook_public_key", "webhook_private_key"
_NEEDED = {"verify": (PUBLIC_KEY,), "decrypt": (PRIVATE_KEY,), "either": (PUBLIC_KEY, PRIVATE_KEY)}


class Proof(Enum):
    """What a signature is worth: nothing, as much as knowing the public key, or VNPost's own word."""

    NONE = auto()
    KNOWS_PUBLIC_KEY = auto()
    SIGNED = auto()


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one account that its scheme uses; without any, nothing is ever proven."""

    public: RSAPublicKey | None = None
    private: RSAPrivateKey | None = None
    decryption_proves: bool = False

    def prove(self, text: bytes, signature: Any) -> Proof:
        """Return what ``signature`` (base64) proves about ``text``."""
        try:
            proof = base64.b64decode(signature, validate=True) if isinstance(signature, str) else b""
        except ValueError:
            return Proof.NONE
        if self.public is not None and _signed(self.public, proof, text):
            return Proof.SIGNED
        if self.private is not None and _decrypts(self.private, proof, text):
            return Proof.SIGNED if self.decryption_proves else Proof.KNOWS_PUBLIC_KEY
        return Proof.NONE


def load_keys(account: CarrierAccount, webhooks: Webhooks) -> Keys:
    """Read the keys that the account's scheme uses; an account without any receives no webhooks.

    Raises:
        ConfigurationError: one of them is missing beside the other, or cannot be used; the message never shows it.
    """
    where = f"Carrier account '{account.id}' (myvnpost)"
    given = {name: secret_of(account, name) for name in (PUBLIC_KEY, PRIVATE_KEY)}
    needed = _NEEDED[webhooks.signature]
    if any(given.values()) and (missing := [name for name in needed if not given[name]]):
        raise ConfigurationError(
            f"{where}: options.webhooks.signature is '{webhooks.signature}', so add secrets.{missing[0]}"
        )
    used = {name: value for name, value in given.items() if name in needed and value}
    return Keys(
        _read(used.get(PUBLIC_KEY), read_public_key, f"{where}: secrets.{PUBLIC_KEY}"),
        _read(used.get(PRIVATE_KEY), read_private_key, f"{where}: secrets.{PRIVATE_KEY}"),
        webhooks.decryption_proves,
    )


def _read(text: str | None, reader: Callable[[str], _Key], where: str) -> _Key | None:
    try:
        return None if text is None else reader(text)
    except ValueError as error:
        raise ConfigurationError(f"{where} {error}") from error


def _signed(key: RSAPublicKey, signature: bytes, text: bytes) -> bool:
    try:
        key.verify(signature, text, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _decrypts(key: RSAPrivateKey, ciphertext: bytes, text: bytes) -> bool:
    try:
        plain = key.decrypt(ciphertext, PKCS1v15())
    except ValueError:
        return False
    return hmac.compare_digest(plain, text)
