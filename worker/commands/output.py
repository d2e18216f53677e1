"""How commands speak: JSON for machines, words for people, errors that name the next step."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import typer
from rich.console import Console
from sqlalchemy.exc import OperationalError

from config.clock import VIETNAM
from config.errors import ConfigurationError
from dispatch.problems import Problem
from tracking.deadlines.terms import DeadlineError

# A pipe has no width of its own; 120 columns read well in a log and on paper.
console = Console(width=None if sys.stdout.isatty() else 120)
errors = Console(stderr=True)

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def say_json(value: Any, *, indent: int | None = 2) -> None:
    """Print one JSON value in Vietnamese letters; instants as ISO 8601 with their zone.

    What operators send may hold what JSON has no form for: infinity and "not a number" become texts, and half a
    surrogate pair, which no encoding can carry, stays escaped.
    """
    kept = json.loads(json.dumps(value, default=_plain), parse_constant=str)
    written = json.dumps(kept, ensure_ascii=False, indent=indent)
    sys.stdout.write(_LONE_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", written) + "\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn what can go wrong into one message and exit code 2; a bug still shows its traceback."""
    try:
        yield
    except (ConfigurationError, DeadlineError) as error:
        errors.print(f"[red]postal:[/red] {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error
    except OperationalError as error:
        errors.print(
            f"[red]postal:[/red] the database does not answer as it should: {error.orig}\n"
            "Check POSTAL_DATABASE_URL and that the server runs; `postal doctor` looks at everything.",
            highlight=False,
            soft_wrap=True,
        )
        raise typer.Exit(2) from error
    except Problem as problem:
        errors.print(f"[red]postal:[/red] {problem}\n{problem.next_step}", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from problem


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant; it must say its time zone.

    Raises:
        typer.BadParameter: it does not, or is no instant.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"'{text}' is no ISO 8601 time; write 2026-03-02T08:15:00+07:00") from error
    if instant.tzinfo is None:
        raise typer.BadParameter(f"'{text}' has no time zone; write {text}+07:00 for Vietnam")
    try:
        return instant.astimezone(VIETNAM)
    except OverflowError as error:
        raise typer.BadParameter(f"'{text}' is no time that a calendar has; check the year") from error
