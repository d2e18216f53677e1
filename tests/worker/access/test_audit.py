"""The audit trail tells when somebody changed, removed, exchanged or cut off what it says; and what it cannot tell."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from config.database import Database
from dispatch.problems import Problem
from worker.access import audit, audit_check
from worker.access.actor import COMMAND, Actor, ActorKind
from worker.access.chain import START, Broken, Checkpoint, hash_of

MAI = Actor(ActorKind.STAFF, "mai")
TABLE = "audit_entry"


def write(database: Database, count: int = 5) -> None:
    for number in range(1, count + 1):
        audit.note_now(
            database, MAI, "dossier.read", subject=f"H14-{number}", agency="H14.10", details={"vì": "hỏi", "n": number}
        )


def verify(database: Database, *kept: Checkpoint) -> tuple[Broken | None, Checkpoint | None]:
    with database.read() as session:
        return audit_check.verify(session, kept)


def tamper(database: Database, *statements: str) -> None:
    """Do what only the owner of the database can: take the guard away, change something, put it back."""
    sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.begin() as connection:
        if sqlite:
            guards = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            for name, _ in guards:
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text(f"ALTER TABLE {TABLE} DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement))
        if sqlite:
            for _, made in guards:
                connection.execute(text(made))
        else:
            connection.execute(text(f"ALTER TABLE {TABLE} ENABLE TRIGGER ALL"))


def test_an_untouched_trail_is_whole(either: Database) -> None:
    assert verify(either) == (None, None)
    write(either)
    broken, end = verify(either)
    assert broken is None
    assert end is not None
    assert end.seq == 5
    assert verify(either, end)[0] is None
    with either.read() as session:
        latest = audit.entries(session, most=1)[0]
        assert (latest.actor, latest.subject, latest.outcome) == ("mai", "H14-5", "done")


@pytest.mark.parametrize("statement", [f"UPDATE {TABLE} SET actor = 'x'", f"DELETE FROM {TABLE} WHERE seq = 5"])
def test_the_database_itself_lets_the_trail_only_grow(either: Database, statement: str) -> None:
    write(either)
    with pytest.raises(DBAPIError, match="only grows"), either.write() as session:
        session.execute(text(statement))
    assert verify(either)[0] is None


def test_sqlite_does_not_let_an_entry_be_replaced(database: Database) -> None:
    write(database)
    names = [column.name for column in audit.AuditEntry.__table__.columns]
    columns = ", ".join("'x'" if name == "actor" else name for name in names)
    with pytest.raises(DBAPIError, match="only grows"), database.write() as session:
        session.execute(text(f"INSERT OR REPLACE INTO {TABLE} SELECT {columns} FROM {TABLE} WHERE seq = 3"))
    assert verify(database)[0] is None


@pytest.mark.needs_postgres
def test_postgres_does_not_let_the_trail_be_emptied(either: Database) -> None:
    if either.engine.dialect.name == "sqlite":
        return
    write(either)
    with pytest.raises(DBAPIError, match="only grows"), either.write() as session:
        session.execute(text(f"TRUNCATE {TABLE}"))


@pytest.mark.parametrize(
    ("statements", "where"),
    [
        ([f"UPDATE {TABLE} SET subject = 'H14-9' WHERE seq = 3"], 3),
        ([f"UPDATE {TABLE} SET actor = 'hoa' WHERE seq = 1"], 1),
        ([f"UPDATE {TABLE} SET at = (SELECT at FROM {TABLE} WHERE seq = 1) WHERE seq = 4"], 4),
        ([f"UPDATE {TABLE} SET outcome = 'refused' WHERE seq = 5"], 5),
        ([f"DELETE FROM {TABLE} WHERE seq = 3"], 4),
        ([f"DELETE FROM {TABLE} WHERE seq = 1"], 2),
        ([f"UPDATE {TABLE} SET seq = -{n} WHERE seq = {n}" for n in (2, 3)]
         + [f"UPDATE {TABLE} SET seq = {5 - n} WHERE seq = -{n}" for n in (2, 3)], 2),
        ([f"UPDATE {TABLE} SET seq = -7 WHERE seq = 5"], -7),
    ],
    ids=["changed", "first-changed", "time", "last-changed", "deleted", "first-deleted", "swapped", "below-the-first"],
)  # fmt: skip
def test_the_first_entry_that_is_not_as_it_was_is_named(either: Database, statements: list[str], where: int) -> None:
    write(either)
    tamper(either, *statements)
    broken, _ = verify(either)
    assert broken is not None
    assert broken.seq == where


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("actor_kind", "'oidc'"), ("actor", "'hoa'"), ("action", "'dossier.print'"), ("subject", "NULL")),
        *(("agency", "'H14.11'"), ("outcome", "'refused'"), ("details", "'{}'"), ("trace", "'a-request'")),
        *(("at", "'2020-01-01 00:00:00'"), ("hash", "'é'"), ("seal", "'é'"), ("outcome", "'bogus'")),
        ("details", "'[]'"),
    ],
)
def test_no_column_can_be_changed_unseen(either: Database, column: str, value: str) -> None:
    write(either)
    tamper(either, f"UPDATE {TABLE} SET {column} = {value} WHERE seq = 3")
    broken, _ = verify(either)
    assert broken is not None
    assert broken.seq == 3


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("at", "'gestern'"), ("details", "'no JSON'"), ("details", """'{"n": "\\ud800"}'""")),
        *(("actor", "x'00'"), ("subject", "CAST(x'ff' AS TEXT)"), ("hash", "x'00'"), ("seal", "x'00'")),
    ],
)
def test_what_cannot_even_be_read_is_named_like_any_other_change(database: Database, column: str, value: str) -> None:
    write(database)
    tamper(database, f"UPDATE {TABLE} SET {column} = {value} WHERE seq = 3")
    broken, _ = verify(database)
    assert broken is not None
    assert broken.seq == 3


def test_a_trail_cut_off_at_its_end_is_missed_only_by_a_checkpoint(either: Database) -> None:
    write(either)
    _, end = verify(either)
    tamper(either, f"DELETE FROM {TABLE} WHERE seq > 3")
    assert verify(either)[0] is None, "what is left is a whole chain: this is what the checkpoint is for"
    assert end is not None
    broken, _ = verify(either, end)
    assert broken is not None
    assert broken.seq == 4
    assert "cut off" in broken.what


def test_a_trail_cut_off_and_grown_again_is_not_the_one_of_the_checkpoint(database: Database) -> None:
    write(database)
    _, end = verify(database)
    tamper(database, f"DELETE FROM {TABLE} WHERE seq > 3")
    write(database)
    assert verify(database)[0] is None
    assert end is not None
    broken, _ = verify(database, end)
    assert broken == Broken(5, "it is another entry than the checkpoint's")


def test_who_writes_the_whole_chain_anew_lacks_the_key_for_its_seals(database: Database) -> None:
    write(database, 1)
    with database.read() as session:
        row = audit.entries(session)[0]
        fields = {name: getattr(row, name) for name in audit.HASHED}
    forged = hash_of(START, {"seq": 1, **fields, "subject": "H14-8"})
    tamper(database, f"UPDATE {TABLE} SET subject = 'H14-8', hash = '{forged}' WHERE seq = 1")
    broken, _ = verify(database)
    assert broken is not None
    assert "the seal is not ours" in broken.what


def test_a_checkpoint_that_somebody_made_up_is_refused(database: Database) -> None:
    write(database)
    with pytest.raises(Problem, match="checkpoint is not ours"):
        verify(database, Checkpoint(5, "a" * 64, "b" * 64))
    with pytest.raises(Problem, match="checkpoint is not ours"):
        verify(database, Checkpoint(5, "a" * 64, "é" * 64))
    with pytest.raises(ValueError, match=r"not enough values"):
        Checkpoint.read("5")


def test_what_is_rolled_back_was_not_done_and_is_not_in_the_trail(database: Database) -> None:
    with database.write() as session:
        audit.note(session, COMMAND, "staff.add", subject="mai")
        session.rollback()
    assert verify(database) == (None, None)


def test_an_entry_that_cannot_be_written_keeps_nobody_else_from_writing(
    either: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_(*_: object) -> str:
        raise DeprecationWarning

    with monkeypatch.context() as broken:
        broken.setattr(audit, "hash_of", raise_)
        with pytest.raises(DeprecationWarning) as kept:
            write(either, 1)
    write(either, 1)
    broken_at, end = verify(either)
    assert (broken_at, end is not None and end.seq) == (None, 1)
    assert kept.traceback, "nothing was let go of because the error was"


def test_what_is_owed_goes_with_the_first_transaction_that_changes_something(database: Database) -> None:
    owed = audit.owing()
    owed.append(audit.entry(MAI, "order.cancelled", subject="order-1"))
    with pytest.raises(LookupError), database.write():
        raise LookupError
    with database.read() as session:
        session.commit()
    assert verify(database) == (None, None)
    write(database, 2)
    with database.read() as session:
        assert [row.subject for row in reversed(audit.entries(session))] == ["H14-1", "order-1", "H14-2"]
    assert verify(database)[0] is None


def test_an_entry_in_a_transaction_that_only_reads_would_be_lost_and_is_refused(database: Database) -> None:
    with database.read() as session, pytest.raises(ValueError, match="only reads"):
        audit.note(session, COMMAND, "dossier.read")


def test_a_savepoint_does_not_write_the_entries_before_their_time(database: Database) -> None:
    with database.write() as session:
        audit.note(session, COMMAND, "staff.add", subject="mai")
        with session.begin_nested():
            session.execute(text("SELECT 1"))
        audit.note(session, COMMAND, "staff.roles", subject="mai")
    with database.read() as session:
        assert [row.action for row in audit.entries(session)] == ["staff.roles", "staff.add"]
    assert verify(database)[0] is None


def test_many_who_write_at_one_moment_make_one_chain(either: Database) -> None:
    failures: list[BaseException] = []

    def at_once(work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - told by the test
                failures.append(error)

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    at_once(lambda: write(either, 5))
    assert failures == []
    broken, end = verify(either)
    assert broken is None
    assert end is not None
    assert end.seq == 40
