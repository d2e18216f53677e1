"""Passwords: what may be one, and argon2id (NIST SP 800-63B-4 section 3.1.1: length, not composition, none known)."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cache

from pwdlib import PasswordHash

from dispatch.problems import Problem

SHORTEST, LONGEST = 12, 200
_AT_ONCE = threading.BoundedSemaphore(2)
"""One hash takes 64 MiB by design: many log-ins at a time must not take all memory there is."""

_COMMON = (
    *("password", "matkhau", "motcua", "dichvucong", "hanhchinh", "buudien", "buuchinh", "vietnam", "xinchao"),
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "iloveyou", "welcome", "administrator", "admin", "letmein", "abc"),
    *("onestop", "postal", "anhyeuem", "emyeuanh"),
)
_RUNS = ("0123456789" * 4, "9876543210" * 4, "abcdefghijklmnopqrstuvwxyz" * 2)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that a person reads as another


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    """Return the hash of a password that nobody has: checked where there is no account, so that it takes as long."""
    return hash_password(secrets.token_urlsafe())


def normalised(password: str) -> str:
    """Return a password in the one form in which it is hashed: keyboards write Vietnamese letters in two."""
    return unicodedata.normalize("NFC", password)


def check_password(username: str, password: str) -> None:
    """Refuse what is too easy to guess.

    Raises:
        Problem: too short, too long, or made of what everybody tries first.
    """
    text = normalised(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise _weak(
            f"A password has {SHORTEST} to {LONGEST} characters.",
            f"Choose at least {SHORTEST} characters; several words are easy to remember.",
            f"Chọn mật khẩu từ {SHORTEST} ký tự trở lên; dùng nhiều từ sẽ dễ nhớ.",
        )
    if username and username.casefold() in text.casefold():
        raise _weak(
            "The password contains the user name.",
            "Choose one without your user name in it.",
            "Chọn mật khẩu không chứa tên đăng nhập.",
        )
    if _is_common(text):
        raise _weak(
            "The password is one of those that everybody tries first.",
            "Choose other words, or put more of them together.",
            "Chọn từ khác, hoặc ghép nhiều từ hơn.",
        )


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    with _AT_ONCE:
        return _hasher().hash(normalised(password))


def is_right(password: str, hashed: str | None) -> bool:
    """Whether a password is the one that was hashed; takes as long where there is none."""
    against = hashed or _nobodys()
    with _AT_ONCE:
        right = _hasher().verify(normalised(password[: 2 * LONGEST]), against)
    return right and hashed is not None


def new_password() -> str:
    """Return a random one-time password that can be read over a telephone: 4 groups of 5, about 99 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def _is_common(text: str) -> bool:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold().replace("đ", "d")) if c.isalnum())
    rest = plain
    for word in _COMMON:
        rest = rest.replace(word, "")
    if rest != plain:  # a known word: what is put around it has to be more than a number
        return not any(c.isalpha() for c in rest)
    return len(set(plain)) <= 2 or any(plain in run for run in _RUNS)


def _weak(detail: str, next_step: str, next_step_vi: str) -> Problem:
    return Problem("weak-password", "The password cannot be used", detail, next_step, next_step_vi=next_step_vi)
