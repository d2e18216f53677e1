from __future__ import annotations

import sqlite3
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ForeignKey, MetaData, String, create_engine, event, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import QueuePool

from config.database import Database, EncryptedText, Keyring, UtcDateTime, data_key_file, keyring
from config.errors import ConfigurationError

_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=7)))
_OLD, _NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


class _Base(DeclarativeBase):
    metadata = MetaData()


class _Slip(_Base):
    __tablename__ = "test_slip"

    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    citizen: Mapped[str | None] = mapped_column(EncryptedText)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    follows: Mapped[str | None] = mapped_column(ForeignKey("test_slip.number"))


@contextmanager
def _opened(url: str, keys: str = _OLD) -> Iterator[Database]:
    database = Database(url, keys)
    _Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'made' / 'postal.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with _opened(url) as database:
        yield database


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    with _opened(postgres_url) as database:
        yield database
        _Base.metadata.drop_all(database.engine)


def _write(database: Database, **fields: object) -> None:
    with database.write() as session:
        session.add(_Slip(**{"number": "S1", **fields}))


def _slip(session: Session, number: str = "S1") -> _Slip:
    return session.get_one(_Slip, number)


# --- instants ------------------------------------------------------------------------------------------------------


def _keeps_instants(database: Database) -> None:
    _write(database, at=_NOON)
    with database.read() as session:
        at = _slip(session).at
        assert at == _NOON
        assert at is not None
        assert at.tzinfo is UTC
        assert session.scalar(select(_Slip.number).where(_Slip.at <= _NOON.astimezone(UTC))) == "S1"


def test_an_instant_comes_back_in_utc(database: Database) -> None:
    _keeps_instants(database)


def test_an_instant_comes_back_from_postgresql_in_utc(postgres: Database) -> None:
    _keeps_instants(postgres)


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive time 2026-03-02T12:00:00: every instant needs a time zone"):
        _write(database, at=_NOON.replace(tzinfo=None))


def test_a_naive_time_is_refused_in_a_question_too(database: Database) -> None:
    naive = select(_Slip).where(_Slip.at < _NOON.replace(tzinfo=None))
    with database.read() as session, pytest.raises(StatementError, match="naive time"):
        session.scalars(naive).all()


# --- personal data -------------------------------------------------------------------------------------------------


def _lies_encrypted(database: Database) -> None:
    _write(database, citizen="Bế Đức Hiếu")
    with database.engine.connect() as connection:
        (raw,) = connection.execute(text("SELECT citizen FROM test_slip")).one()
    assert "Hiếu" not in raw
    assert raw.startswith("1.")
    with database.read() as session:
        assert _slip(session).citizen == "Bế Đức Hiếu"


def test_personal_data_lies_encrypted_in_the_column(database: Database) -> None:
    _lies_encrypted(database)


def test_personal_data_lies_encrypted_in_postgresql(postgres: Database) -> None:
    _lies_encrypted(postgres)


def test_the_same_text_never_lies_there_as_the_same_twice() -> None:
    keyring.load(_OLD)
    assert keyring.encrypt("Bế Đức Hiếu") != keyring.encrypt("Bế Đức Hiếu")


def test_what_was_written_as_a_token_of_fernet_stays_readable() -> None:
    keyring.load(f"{_NEW},{_OLD}")
    assert keyring.decrypt(Fernet(_OLD).encrypt("Bế Đức Hiếu".encode()).decode()) == "Bế Đức Hiếu"


@pytest.mark.parametrize("place", [2, 30, -6])
def test_what_somebody_has_changed_is_not_read(place: int) -> None:
    keyring.load(_OLD)
    token = keyring.encrypt("Bế Đức Hiếu")
    changed = "A" if token[place] != "A" else "B"
    with pytest.raises(ConfigurationError, match="POSTAL_DATA_KEY"):
        keyring.decrypt(token[:place] + changed + (token[place:][1:]))


@pytest.mark.parametrize("token", ["", "1.", "1.AAAA", "1.!", "gAAAA", "Bế Đức Hiếu"])
def test_what_was_never_sealed_is_not_read(token: str) -> None:
    keyring.load(_OLD)
    with pytest.raises(ConfigurationError, match="POSTAL_DATA_KEY"):
        keyring.decrypt(token)


def test_no_byte_of_a_name_is_in_any_file_of_the_database(database: Database, tmp_path: Path) -> None:
    _write(database, citizen="Be Duc Hieu")
    files = list((tmp_path / "made").iterdir())
    assert files
    assert all(b"Hieu" not in file.read_bytes() for file in files)


def test_the_same_name_twice_does_not_look_the_same(database: Database) -> None:
    _write(database, citizen="Bế Đức Hiếu")
    _write(database, number="S2", citizen="Bế Đức Hiếu")
    with database.engine.connect() as connection:
        assert len({row[0] for row in connection.execute(text("SELECT citizen FROM test_slip"))}) == 2


def test_nothing_stays_nothing(database: Database) -> None:
    _write(database, citizen=None, at=None)
    with database.read() as session:
        assert (_slip(session).citizen, _slip(session).at) == (None, None)


def test_a_new_key_in_front_writes_and_the_old_one_still_reads(url: str) -> None:
    with _opened(url, _OLD) as database:
        _write(database, citizen="old")
    with _opened(url, f"{_NEW}, {_OLD}") as database:
        _write(database, number="S2", citizen="new")
        with database.read() as session:
            assert [_slip(session, number).citizen for number in ("S1", "S2")] == ["old", "new"]
    with _opened(url, _NEW) as database, database.read() as session:
        assert _slip(session, "S2").citizen == "new"


def test_data_under_a_key_that_is_gone_says_which_setting_to_mend(url: str) -> None:
    with _opened(url, _OLD) as database:
        _write(database, citizen="old")
    lost = "cannot be read with POSTAL_DATA_KEY; add the key it was written with"
    with _opened(url, _NEW) as database, database.read() as session, pytest.raises(ConfigurationError, match=lost):
        _slip(session)


@pytest.mark.parametrize("keys", ["not-a-key", f"{_OLD},not-a-key"], ids=["alone", "beside another"])
def test_a_key_that_is_none_stops_the_boot(url: str, keys: str) -> None:
    with pytest.raises(ConfigurationError, match="POSTAL_DATA_KEY is not a valid key") as error:
        Database(url, keys)
    assert _OLD not in str(error.value)


@pytest.mark.parametrize("keys", ["", " , "])
def test_no_key_at_all_stops_the_boot(url: str, keys: str) -> None:
    with pytest.raises(ConfigurationError, match="POSTAL_DATA_KEY"):
        Database(url, keys)


def test_nothing_is_encrypted_before_a_key_is_loaded() -> None:
    with pytest.raises(ConfigurationError, match="no data key is loaded"):
        Keyring().encrypt("Bế Đức Hiếu")


@given(st.text(), st.text())
def test_the_blind_index_finds_equal_values_and_only_those_through_every_rotation(one: str, other: str) -> None:
    before, after = Keyring(), Keyring()
    before.load(_OLD)
    after.load(f"{_NEW},{_OLD}")
    assert before.blind_index(one) == after.blind_index(one)
    assert (before.blind_index(one) == before.blind_index(other)) is (one == other)


def test_the_blind_index_cannot_be_made_without_the_key(database: Database) -> None:
    stranger = Keyring()
    stranger.load(_NEW)
    assert stranger.blind_index("+84919393275") != keyring.blind_index("+84919393275")


@given(st.text())
def test_what_was_encrypted_is_read_again(words: str) -> None:
    ring = Keyring()
    ring.load(_OLD)
    assert ring.decrypt(ring.encrypt(words)) == words


def test_the_embedded_system_makes_its_own_key_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    key = data_key_file(home)
    assert data_key_file(home) == key
    assert stat.S_IMODE((home / "data.key").stat().st_mode) == 0o600
    Keyring().load(key)


# --- transactions --------------------------------------------------------------------------------------------------


def test_a_transaction_that_fails_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(IntegrityError):
        _write(database, follows="nobody")
    with database.read() as session:
        assert session.scalars(select(_Slip)).all() == []


@pytest.mark.parametrize("kind", ["read", "write"])
def test_an_error_before_an_answer_was_read_keeps_nobody_from_writing(database: Database, kind: str) -> None:
    _write(database)
    unread: list[object] = []  # as a traceback that somebody keeps holds it

    def ask() -> None:
        with getattr(database, kind)() as session:
            unread.append(session.execute(select(_Slip.__table__)))
            raise DeprecationWarning

    with pytest.raises(DeprecationWarning):
        ask()
    with closing(sqlite3.connect(str(database.engine.url.database))) as another, another:
        another.execute("INSERT INTO test_slip (number) VALUES ('S2')")
    _write(database, number="S3")
    assert unread


_ON_THE_WAY = {
    "session": ("after_begin", "do_orm_execute", "before_flush", "after_flush", "before_commit", "after_commit"),
    "engine": ("begin", "before_cursor_execute", "after_cursor_execute", "after_execute", "commit"),
}


@pytest.mark.parametrize(("where", "name"), [(where, name) for where, names in _ON_THE_WAY.items() for name in names])
@pytest.mark.parametrize("fails_as_well", [False, True])
def test_whatever_raises_on_the_way_leaves_nothing_locked(
    database: Database, where: str, name: str, fails_as_well: bool
) -> None:
    def raise_(*_: object, **_more: object) -> None:
        raise DeprecationWarning(name)

    def change() -> None:
        with database.write() as session:
            session.add(_Slip(number="S1"))
            session.scalars(select(_Slip)).all()
            if fails_as_well:
                raise KeyError

    listening = Session if where == "session" else database.engine
    event.listen(listening, name, raise_)
    try:
        with pytest.raises((DeprecationWarning, KeyError)) as kept:
            change()
    finally:
        event.remove(listening, name, raise_)
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedout() == 0
    with closing(sqlite3.connect(str(database.engine.url.database), timeout=0)) as another, another:
        another.execute("INSERT INTO test_slip (number) VALUES ('S2')")
    _write(database, number="S3")
    assert kept.traceback, "nothing was let go of because the error was"


def test_what_is_changed_in_a_reading_session_is_thrown_away(database: Database) -> None:
    _write(database, citizen="before")
    with database.read() as session:
        _slip(session).citizen = "after"
        session.flush()
    with database.read() as session:
        assert _slip(session).citizen == "before"


def test_what_was_read_stays_readable_after_the_session(database: Database) -> None:
    _write(database, citizen="Bế Đức Hiếu")
    with database.read() as session:
        slip = _slip(session)
    assert slip.citizen == "Bế Đức Hiếu"


def test_a_reader_sees_the_last_commit_while_somebody_writes_and_does_not_wait(database: Database) -> None:
    _write(database, citizen="before")
    with database.write() as writing:
        _slip(writing).citizen = "after"
        writing.flush()
        with database.read() as session:
            assert _slip(session).citizen == "before"


def test_writers_wait_for_each_other_and_none_is_told_that_the_database_is_locked(database: Database) -> None:
    _write(database, citizen="")
    at_once = threading.Barrier(6)

    def add_a_stroke() -> None:
        at_once.wait()
        for _ in range(5):
            with database.write() as session:
                slip = _slip(session)
                time.sleep(0.001)
                slip.citizen = f"{slip.citizen}|"

    writers = [threading.Thread(target=add_a_stroke) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.read() as session:
        assert _slip(session).citizen == "|" * 30


def test_the_file_survives_a_crash_and_knows_its_foreign_keys(database: Database) -> None:
    with database.engine.connect() as connection:
        pragmas = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in pragmas]
    assert found == ["wal", 1, 2, 15000]


def test_a_server_that_dropped_our_connection_is_not_noticed_by_the_next_transaction(postgres: Database) -> None:
    _write(postgres, citizen="before")
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> {}"
    administrator = create_engine(postgres.engine.url)
    with administrator.connect() as connection:
        connection.execute(text(others.format("pg_backend_pid()")))
    administrator.dispose()
    with postgres.read() as session:
        assert _slip(session).citizen == "before"


def test_what_listens_to_every_session_hears_also_those_of_threads_that_are_the_first_to_use_a_database(
    tmp_path: Path,
) -> None:
    heard: list[Session] = []

    def hear(session: Session) -> None:
        heard.append(session)

    event.listen(Session, "before_commit", hear)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(300):
            database = Database(f"sqlite:///{tmp_path / 'postal.db'}", _OLD)
            together = threading.Barrier(4)
            threads = [threading.Thread(target=_commit_with_others, args=(database, together)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            database.dispose()
    finally:
        sys.setswitchinterval(usual)
        event.remove(Session, "before_commit", hear)
    assert len(heard) == 300 * 4


def _commit_with_others(database: Database, together: threading.Barrier) -> None:
    together.wait()
    with database.write():
        pass
