"""Makes a report: one picture of the database, counted, and written as a whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from config.errors import ConfigurationError
from dispatch.context import Context
from tracking.office import Office
from tracking.reports.catalogue import LAYOUTS
from tracking.reports.counting import entries
from tracking.reports.layout import Layout
from tracking.reports.periods import Period
from tracking.reports.plain_files import write_dossiers, write_table
from tracking.reports.reading import Source
from tracking.reports.sheets import Heading, write_sheets
from tracking.reports.tally import Tally

XLSX, CSV = ".xlsx", ".csv"


def layout_called(name: str) -> Layout:
    """Return the report with this name.

    Raises:
        ConfigurationError: there is none; the message names those there are.
    """
    if name not in LAYOUTS:
        raise ConfigurationError(
            f"there is no report '{name}'; there are: {', '.join(LAYOUTS)} (`postal report --list`)"
        )
    return LAYOUTS[name]


def make(context: Context, office: Office, layout: Layout, period: Period, out: Path) -> tuple[Path, ...]:
    """Make a report and return the files it is in; of a CSV there is a second one with the dossiers.

    Whoever reads the files sees the old ones or the new ones, never a part.

    Raises:
        ConfigurationError: the name ends in neither .xlsx nor .csv, the period has not begun, or nothing can be written
            there.
    """
    if period.begins > context.clock.now():
        raise ConfigurationError(
            f"the period begins on {period.first:%d/%m/%Y}, which is still to come; choose an earlier --from"
        )
    kind = out.suffix.lower()
    if kind not in (XLSX, CSV):
        raise ConfigurationError(f"{out.name}: name a file that ends in .xlsx or .csv")
    with tallied(context, office, layout, period) as tally:
        if kind == CSV:
            behind = out.with_name(f"{out.stem}-dossiers{out.suffix}")
            _put(behind, lambda path: write_dossiers(path, layout, tally))
            _put(out, lambda path: write_table(path, layout, tally))
            return out, behind
        heading = Heading(period, context.clock.now(), context.accounts.reports.unit)
        _put(out, lambda path: write_sheets(path, layout, heading, tally))
        return (out,)


@contextmanager
def tallied(context: Context, office: Office, layout: Layout, period: Period) -> Iterator[Tally]:
    """Count a report."""
    public = frozenset(context.accounts.reports.public_operators)
    with Tally(layout) as tally:
        with context.database.read() as session:
            _one_picture(session)
            tally.take(entries(layout.name, Source(session, office, period, context.clock.now(), public)))
        yield tally


def _one_picture(session: Session) -> None:
    """Let all statements see the database as it is now; on SQLite a transaction always does."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _put(out: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside its place, and move it there when it is complete and on the disk."""
    part = out.with_name(f".{out.stem}.{secrets.token_hex(4)}.part")
    try:
        write(part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(out)
    except OSError as error:
        raise ConfigurationError(
            f"cannot write {out}: {error.strerror or error}; choose a folder that is there and may be written to"
        ) from error
    finally:
        part.unlink(missing_ok=True)
