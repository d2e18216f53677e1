"""Photos and documents as files: named by the SHA-256 of what is in them, encrypted at rest, checked when read.

They lie in ``<home>/evidence``. A file is written before the fact that refers to it, so a fact always has its file; a
file without a fact is harmless.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag

from config.database import Keyring, keyring
from config.settings import Settings
from dispatch.problems import Problem

FOLDER = "evidence"
_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}


def media_type_of(content: bytes) -> str:
    """Return what a file is, by its first bytes and not by what its sender calls it.

    Raises:
        Problem: it is none of what is taken as evidence.
    """
    for magic, media_type in _MAGIC.items():
        if content.startswith(magic):
            return media_type
    raise Problem(
        "evidence-type",
        "This file is not taken as evidence",
        "It is neither a JPEG, nor a PNG, nor a PDF.",
        "Send the photo as JPEG or PNG, or the scanned document as PDF.",
        next_step_vi="Gửi ảnh JPEG, PNG hoặc tài liệu PDF.",
        status=415,
    )


class EvidenceStore:
    """A folder of such files, and the keys that seal them: those of the process, unless others are given."""

    def __init__(self, folder: Path, keys: Keyring = keyring) -> None:
        self._folder = folder
        self._keys = keys

    @classmethod
    def of(cls, settings: Settings) -> EvidenceStore:
        """Return the store of the system that works here."""
        return cls(settings.home / FOLDER)

    def put(self, content: bytes) -> str:
        """Keep a file and return its SHA-256; the same file again is there already."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if self._read(path, digest) is None:  # new, or what lay there was damaged
            _write(path, self._keys.seal(content))
        return digest

    def get(self, digest: str) -> bytes:
        """Return the file with this SHA-256.

        Raises:
            Problem: it is not there, or is no longer what it was.
        """
        content = self._read(self._path(digest), digest)
        if content is None:
            raise Problem(
                "evidence-damaged",
                "The file of this evidence cannot be read",
                f"What is kept as {digest} is missing, was changed, or is encrypted with a key that is not loaded.",
                "Tell operations: restore it from the backup. The record of it stands.",
                next_step_vi="Báo bộ phận vận hành khôi phục tệp từ bản sao lưu.",
                status=409,
            )
        return content

    def fault_of(self, digest: str) -> str | None:
        """Return what is wrong with a file: ``missing``, or ``altered`` if it cannot be read as what it was."""
        path = self._path(digest)
        if self._read(path, digest) is not None:
            return None
        return "altered" if path.exists() else "missing"

    def copy_from(self, other: EvidenceStore, digest: str) -> str | None:
        """Take a file as it lies sealed in another store, unless it is here; returns what is wrong where it cannot."""
        if self.fault_of(digest) is None:
            return None
        fault = other.fault_of(digest)
        if fault is None:
            _write(self._path(digest), other._path(digest).read_bytes())
        return fault

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def _read(self, path: Path, digest: str) -> bytes | None:
        with suppress(FileNotFoundError, InvalidTag, ValueError):
            content = self._keys.unseal(path.read_bytes())
            if hashlib.sha256(content).hexdigest() == digest:
                return content
        return None


def _write(path: Path, sealed: bytes) -> None:
    """Let the file appear under its name only when all of it is on the disk; readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(sealed)
        handle.flush()
        os.fsync(handle.fileno())
    unfinished.replace(path)
