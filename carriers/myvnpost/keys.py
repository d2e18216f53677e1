"""The RSA keys by which webhooks are proven, as VNPost hands them out: PEM, or the bare base64 of its manual."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

_SHORTEST = 2048
_Key = TypeVar("_Key", RSAPublicKey, RSAPrivateKey)


def read_public_key(text: str) -> RSAPublicKey:
    """Read a public key.

    Raises:
        ValueError: it is none, or too short to prove anything; the message never holds it.
    """
    key = _read(text, load_pem_public_key, load_der_public_key)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("is not an RSA public key")
    return _long_enough(key)


def read_private_key(text: str) -> RSAPrivateKey:
    """Read a private key without a passphrase.

    Raises:
        ValueError: it is none, or too short to prove anything; the message never holds it.
    """
    key = _read(
        text, lambda pem: load_pem_private_key(pem, password=None), lambda der: load_der_private_key(der, password=None)
    )
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("is not an RSA private key")
    return _long_enough(key)


def _read(text: str, from_pem: Callable[[bytes], object], from_der: Callable[[bytes], object]) -> object:
    try:
        if "-----BEGIN" in text:
            return from_pem(text.strip().encode("ascii"))
        return from_der(base64.b64decode("".join(text.split()), validate=True))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("cannot be read; give it as PEM or as base64") from error


def _long_enough(key: _Key) -> _Key:
    if key.key_size < _SHORTEST:
        raise ValueError(f"is shorter than {_SHORTEST} bits")
    return key
