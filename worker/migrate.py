"""Schema migrations, from inside: the same on SQLite and PostgreSQL."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from config.database import Database
from config.errors import ConfigurationError

_SCRIPTS = Path(__file__).with_name("migrations")


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema up to ``revision``; what is there already stays."""
    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def current(database: Database) -> tuple[str | None, str | None]:
    """Return the schema's revision and the newest one there is."""
    with database.read() as session:
        # Alembic makes a table of its own for every look: kept, each probe would push a statement of ours out of the
        # engine's cache, and twenty megabytes of them into it.
        connection = session.connection(execution_options={"compiled_cache": None})
        present = MigrationContext.configure(connection).get_current_revision()
    return present, _newest()


def require_current(database: Database) -> None:
    """Refuse to run on a schema of another version.

    Raises:
        ConfigurationError: the schema is older or newer than this program.
    """
    present, newest = current(database)
    if present != newest:
        raise ConfigurationError(
            f"the database is at revision {present or 'none'} and this program needs {newest}: "
            "run `postal db upgrade` (or install the matching version)"
        )


@cache
def _newest() -> str | None:
    """Read once: it is asked for at every probe, and every script would be loaded each time."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
