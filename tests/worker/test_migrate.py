from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Integer, MetaData, inspect, text

from config import partitions
from config.database import Database, keyring
from config.errors import ConfigurationError
from config.settings import Settings
from tests.support.rooms import own_database
from tests.support.services import Server
from tracking.events import EVENTS
from tracking.inbox import DELIVERIES, InboxKey
from worker import migrate
from worker.migrations.comparison import is_no_partition, server_default_differs
from worker.migrations.tables import METADATA
from worker.runtime import current_database

KEY = Fernet.generate_key().decode()


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


def test_looking_at_the_revision_leaves_nothing_behind(empty: Database) -> None:
    """Each probe of the health page looks at it, for months."""
    migrate.upgrade(empty)
    remembered = vars(empty.engine)["_compiled_cache"]
    before = len(remembered)
    for _ in range(20):
        migrate.require_current(empty)
    assert len(remembered) == before


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


def store_a_journey(database: Database) -> None:
    """Put a delivery and its event into a database of revision 0005, as its program did."""
    at, encrypted = "2026-03-02 01:00:00", keyring.encrypt("{}")
    rows: dict[str, dict[str, object]] = {
        "dossier": {"code": "D"},
        "postal_order": {"id": "O", "dossier_code": "D"},
        "shipment": {"order_number": "D-S1", "order_id": "O", "dossier_code": "D", "live": True},
        "inbox_delivery": {"id": 7, "source": "carrier:ems", "key": "k", "body": encrypted, "state": "applied"},
        "tracking_event": {"id": 3, "order_number": "D-S1", "key": "e", "event_time": at, "delivery_id": 7},
        "event_reading": {"id": 1, "event_id": 3},
    }
    tables = MetaData()
    tables.reflect(database.engine)
    with database.engine.begin() as connection:
        for name, given in rows.items():
            needed = {column.name: filler(column, at) for column in tables.tables[name].columns if not column.nullable}
            connection.execute(text(insertion(name, list({**needed, **given}))), {**needed, **given})


def filler(column: Column[Any], at: str) -> object:
    if isinstance(column.type, (DateTime, Date)):
        return at[:10] if isinstance(column.type, Date) else at
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, Integer):
        return 0
    return "[]" if isinstance(column.type, JSON) else "x"


def insertion(table: str, names: list[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"


def journey(database: Database) -> tuple[str, str, int]:
    """Return what a replay follows: from a reading to its event, and from there to the delivery."""
    query = (
        "SELECT d.key, e.key, r.id FROM event_reading r JOIN tracking_event e ON e.id = r.event_id "
        "JOIN inbox_delivery d ON d.id = e.delivery_id"
    )
    with database.engine.connect() as connection:
        delivery, event, reading = connection.execute(text(query)).one()
    return delivery, event, reading


def test_deliveries_and_events_survive_the_way_into_months_and_back(empty: Database) -> None:
    migrate.upgrade(empty, "0005")
    store_a_journey(empty)
    migrate.upgrade(empty, "0006")
    assert journey(empty) == ("k", "e", 1)
    with empty.read() as session:
        assert session.get(InboxKey, ("carrier:ems", "k")) is not None
    downgrade(empty, "0005")
    assert journey(empty) == ("k", "e", 1)
    migrate.upgrade(empty)
    assert journey(empty) == ("k", "e", 1)


@pytest.mark.needs_postgres
def test_what_was_kept_before_lies_in_its_month_afterwards(postgres_url: str) -> None:
    with own_database(Server(postgres_url, named=False)) as url:
        database = Database(url, KEY)
        migrate.upgrade(database, "0005")
        store_a_journey(database)
        migrate.upgrade(database)
        partitions.make(database, DELIVERIES, [date(2026, 3, 1)])
        partitions.make(database, EVENTS, [date(2026, 3, 1)])
        with database.read() as session:
            for kept in (DELIVERIES, EVENTS):
                assert session.scalar(text(f"SELECT count(*) FROM {kept.table}_2026_03")) == 1
        assert journey(database) == ("k", "e", 1)
        database.dispose()
