"""Checkpoints of the audit trail that are kept by themselves, out of reach of the hand that edits the database.

Each is a line of the log, which goes elsewhere with the log, and a line of a file where there is a folder for it.
"""

from __future__ import annotations

from pathlib import Path

import structlog

from config.clock import wall_now
from config.database import Database
from dispatch.problems import Problem
from worker.access import audit_check
from worker.access.chain import Checkpoint

FILE = "audit-checkpoints.txt"
"""One line a checkpoint: when, and what :meth:`Checkpoint.written` gives. Lines are only ever added."""

log = structlog.get_logger()


def keep(database: Database, folder: Path | None) -> int:
    """Log where the trail ends now, and add it to the folder's file where it has grown; returns how many were added."""
    with database.read() as session:
        end = audit_check.end(session)
    if end is None:
        return 0
    log.info("audit_checkpoint", entry=end.seq, checkpoint=end.written())
    if folder is None or _last_line(folder / FILE).endswith(f" {end.written()}"):
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("a", encoding="ascii") as file:
        file.write(f"{wall_now().isoformat(timespec='seconds')} {end.written()}\n")
    return 1


def kept(folder: Path | None) -> list[Checkpoint]:
    """Return every checkpoint of the folder's file, the oldest first.

    Raises:
        Problem: a line is none; it is named.
    """
    file = folder / FILE if folder is not None else None
    if file is None or not file.exists():
        return []
    lines = file.read_text("utf-8", errors="replace").splitlines()
    return [_read(line, f"line {number} of {file}") for number, line in enumerate(lines, 1)]


def _read(line: str, where: str) -> Checkpoint:
    at, _, written = line.partition(" ")
    try:
        return Checkpoint.read(written, f"{where}, of {at}")
    except ValueError as error:
        raise Problem(
            "checkpoint",
            "A kept checkpoint cannot be read",
            f"What stands in {where} is no checkpoint.",
            "Compare it with the log of that hour (audit_checkpoint), find out who changed it, and put the line right.",
        ) from error


def _last_line(file: Path) -> str:
    lines = file.read_text("utf-8", errors="replace").splitlines() if file.exists() else []
    return lines[-1] if lines else ""
