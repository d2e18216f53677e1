from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from sqlalchemy import inspect

from config.database import Database
from config.errors import ConfigurationError
from config.settings import Settings
from tests.support.rooms import own_database
from tests.support.services import Server
from worker import migrate
from worker.migrations.comparison import is_no_partition, server_default_differs
from worker.migrations.tables import METADATA
from worker.runtime import current_database

KEY = Fernet.generate_key().decode()
HEAD = "0006"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with nothing in it, of either kind."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'postal.db'}", KEY)
        yield database
        database.dispose()
        return
    with own_database(Server(request.getfixturevalue("postgres_url"), named=False)) as url:
        database = Database(url, KEY)
        yield database
        database.dispose()


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_the_migrations_give_exactly_what_the_models_say(empty: Database) -> None:
    migrate.upgrade(empty)
    with empty.engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": server_default_differs,
            "include_name": is_no_partition,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []


def test_upgrading_twice_changes_nothing(empty: Database) -> None:
    migrate.upgrade(empty)
    before = tables(empty)
    migrate.upgrade(empty)
    assert tables(empty) == before
    assert migrate.current(empty)[0] == migrate.current(empty)[1]


def test_an_upgrade_can_be_taken_back_to_nothing_and_done_again(empty: Database) -> None:
    migrate.upgrade(empty)
    downgrade(empty, "base")
    assert tables(empty) == {"alembic_version"}
    migrate.upgrade(empty)
    assert set(METADATA.tables) <= tables(empty)


def test_a_process_refuses_an_empty_database_and_says_what_to_run(empty: Database) -> None:
    with pytest.raises(ConfigurationError, match=r"revision none .* `postal db upgrade`"):
        migrate.require_current(empty)


def test_a_process_refuses_a_schema_from_the_future(empty: Database) -> None:
    migrate.upgrade(empty)
    with empty.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigurationError, match=r"revision 9999 .* install the matching version"):
        migrate.require_current(empty)


def test_a_command_opens_only_a_database_that_is_up_to_date(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(ConfigurationError, match="postal db upgrade"):
        current_database(settings)


def downgrade(database: Database, revision: str) -> None:
    config = migrate._config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
