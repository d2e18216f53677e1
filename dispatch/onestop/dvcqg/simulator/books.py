"""What the simulated portal holds, in a SQLite file that survives a restart; and its rules for taking things."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS dossier (code TEXT PRIMARY KEY, body TEXT NOT NULL, changes INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS progress (id INTEGER PRIMARY KEY, code TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS call (id INTEGER PRIMARY KEY, service TEXT NOT NULL, codes TEXT NOT NULL,
    answer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS session (token TEXT PRIMARY KEY);
"""
MOST_ROWS = 10
_TIME = re.compile(r"\d{14}|")
_TIMES = ("Ngay", "ThoiDiem")
_NEEDED = ("MaHoSo", "MaTTHC", "TenTTHC", "ChuHoSo", "TrangThaiHoSo", "HinhThuc", "KenhThucHien")


@dataclass(frozen=True, slots=True)
class Ruling:
    """How the portal decides about a call: its kind of ``error_code`` and its words."""

    kind: str
    words: str


TAKEN = Ruling("taken", "Đồng bộ dữ liệu thành công")


class PortalBooks:
    """Thread-safe. ``file`` None keeps everything in memory."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(str(file) if file else ":memory:", check_same_thread=False, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def synchronise(self, rows: list[Any], *, updating: bool) -> Ruling:
        """Add or update dossiers, all or none."""
        if (wrong := _wrong(rows, _NEEDED)) is not None:
            return wrong
        known = {code for code in (row["MaHoSo"] for row in rows) if self.dossier(code) is not None}
        for row in rows:
            if (row["MaHoSo"] in known) is not updating:
                words = "không tồn tại trên hệ thống" if updating else "đã tồn tại trên hệ thống"
                return Ruling("missing" if updating else "exists", f"Hồ sơ {row['MaHoSo']} {words}")
        for row in rows:
            merged = {**(self.dossier(row["MaHoSo"]) or {}), **row}
            self._run(
                "INSERT INTO dossier VALUES (?, ?, 1) "
                "ON CONFLICT (code) DO UPDATE SET body = excluded.body, changes = changes + 1",
                *(row["MaHoSo"], json.dumps(merged, ensure_ascii=False)),
            )
        return TAKEN

    def progress(self, rows: list[Any]) -> Ruling:
        """Append rows to histories; the same row again is one row more."""
        if (wrong := _wrong(rows, ("MaHoSo", "NguoiXuLy", "ThoiDiemXuLy", "TrangThai"))) is not None:
            return wrong
        for row in rows:
            if self.dossier(row["MaHoSo"]) is None:
                return Ruling("missing", f"Hồ sơ {row['MaHoSo']} không tồn tại trên hệ thống")
        for row in rows:
            self._run(
                "INSERT INTO progress (code, body) VALUES (?, ?)", row["MaHoSo"], json.dumps(row, ensure_ascii=False)
            )
        return TAKEN

    def dossier(self, code: str) -> dict[str, Any] | None:
        """Return the copy of a dossier."""
        rows = self._run("SELECT body FROM dossier WHERE code = ?", code)
        return dict(json.loads(rows[0][0])) if rows else None

    def dossiers(self) -> dict[str, dict[str, Any]]:
        """Return every copy, by code."""
        return {code: json.loads(body) for code, body in self._run("SELECT code, body FROM dossier ORDER BY code")}

    def history(self, code: str) -> list[dict[str, Any]]:
        """Return a dossier's progress rows in the order in which they came."""
        return [json.loads(body) for (body,) in self._run("SELECT body FROM progress WHERE code = ? ORDER BY id", code)]

    def lose(self, code: str) -> None:
        """Lose a dossier with its history, as when an older backup is put back."""
        self._run("DELETE FROM dossier WHERE code = ?", code)
        self._run("DELETE FROM progress WHERE code = ?", code)

    def note_call(self, service: str, codes: Iterable[str], answer: str) -> None:
        """Remember that a call came in, and what became of it."""
        self._run("INSERT INTO call (service, codes, answer) VALUES (?, ?, ?)", service, " ".join(codes), answer)

    def calls(self, service: str | None = None) -> list[tuple[str, str, str]]:
        """Return service, codes and fate of every call, or of those of one service."""
        rows = self._run("SELECT service, codes, answer FROM call ORDER BY id")
        return [(name, codes, answer) for name, codes, answer in rows if service in (None, name)]

    def open_session(self) -> str:
        """Return a new session."""
        token = secrets.token_hex(8)
        self._run("INSERT INTO session VALUES (?)", token)
        return token

    def is_open(self, session: Any) -> bool:
        """Whether a session is one of ours and not over."""
        return isinstance(session, str) and bool(self._run("SELECT 1 FROM session WHERE token = ?", session))

    def end_sessions(self) -> None:
        """Let every session be over."""
        self._run("DELETE FROM session")

    def _run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(statement, values).fetchall()


def _wrong(rows: list[Any], needed: Iterable[str]) -> Ruling | None:
    if not rows or len(rows) > MOST_ROWS:
        return Ruling("refused", f"Số bản ghi phải từ 1 đến {MOST_ROWS}")
    for row in rows:
        if not isinstance(row, dict):
            return Ruling("refused", "Dữ liệu không đúng định dạng")
        if missing := [name for name in needed if not row.get(name)]:
            return Ruling("refused", f"Thiếu trường {', '.join(missing)}")
        for part in (row, *row.get("DanhSachHoSoBoSung", ())):
            if bad := _bad_times(part):
                return Ruling("refused", f"Thời gian phải có dạng yyyyMMddHHmmss: {', '.join(bad)}")
    return None


def _bad_times(part: Mapping[str, Any]) -> list[str]:
    return [name for name, value in part.items() if name.startswith(_TIMES) and not _TIME.fullmatch(str(value))]
