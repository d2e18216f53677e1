"""Accounts, links and keys on both databases: what happens to them together, and at one moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest

from config.clock import wall_now
from config.database import Database
from dispatch.problems import Problem
from worker.access import accounts, audit, audit_check, clients, links, log_in, sessions
from worker.access.actor import COMMAND
from worker.access.links import LinkState
from worker.access.roles import Grant, Grants, Role, Scope

PASSWORD = "con mèo trèo cây cau"
CLERK: Grants = (Grant(Role.CLERK, Scope.of(["H14.10"])),)
_NAMES = (f"mai{number}" for number in count(1))


@pytest.fixture
def name() -> str:
    return next(_NAMES)


def test_the_life_of_an_account(either: Database, name: str) -> None:
    with either.write() as session:
        accounts.add(session, name, "Hà Thị Mai", CLERK, COMMAND)
        token = links.offer(session, name)
    with either.write() as session:
        assert links.use(session, token, name)
        accounts.set_password(session, accounts.get(session, name), PASSWORD, COMMAND)
    person = log_in.log_in(either, name, PASSWORD)
    assert person is not None
    with either.write() as session:
        cookie = sessions.begin(session, person, "a browser")
    limits = sessions.Limits(idle=timedelta(minutes=30), whole=timedelta(hours=10))
    with either.read() as session:
        staff = sessions.whose(session, cookie, limits)
        assert staff is not None
        assert (staff.username, staff.display_name, list(staff.roles)) == (name, "Hà Thị Mai", [Role.CLERK])
        assert sessions.whose(session, cookie[:-1], limits) is None
    with either.write() as session:
        accounts.set_disabled(session, accounts.get(session, name), wall_now(), COMMAND)
    with either.read() as session:
        assert sessions.whose(session, cookie, limits) is None
        assert audit_check.verify(session)[0] is None
        done = [row.action for row in audit.entries(session)]
    assert done == ["staff.disable", "log-in", "staff.password", "staff.add"]


def test_of_many_clicks_at_one_moment_one_uses_the_link(either: Database, name: str) -> None:
    with either.write() as session:
        accounts.add(session, name, "Mai", CLERK, COMMAND)
        token = links.offer(session, name)

    def click(_number: int) -> bool:
        with either.write() as session:
            return links.use(session, token, name)

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(click, range(6))) == 1
    with either.read() as session:
        assert links.look(session, token) == (LinkState.USED, name)


def test_a_new_password_takes_links_back_that_somebody_may_still_have(database: Database, name: str) -> None:
    with database.write() as session:
        user = accounts.add(session, name, "Mai", CLERK, COMMAND)
        token = links.offer(session, name)
        accounts.set_password(session, user, PASSWORD, COMMAND)
    with database.read() as session:
        assert links.look(session, token)[0] is LinkState.UNKNOWN


@pytest.mark.parametrize(
    "grants",
    [(), (Grant(Role.ONE_STOP_CLIENT, Scope.of(["H14"])),), (Grant(Role.CLERK, Scope()),)],
    ids=["no role", "a program's role", "no agency"],
)
def test_a_person_has_a_persons_role_somewhere(database: Database, name: str, grants: Grants) -> None:
    with database.write() as session, pytest.raises(Problem, match="roles cannot be given"):
        accounts.add(session, name, "Mai", grants, COMMAND)


def test_a_name_is_given_once_also_when_its_account_is_closed(database: Database, name: str) -> None:
    with database.write() as session:
        user = accounts.add(session, name, "Mai", CLERK, COMMAND)
        accounts.set_disabled(session, user, wall_now(), COMMAND)
    with database.write() as session, pytest.raises(Problem, match="is taken"):
        accounts.add(session, name.upper(), "Another", CLERK, COMMAND)


def test_a_clients_key_is_known_on_both_databases_and_stored_on_none(either: Database, name: str) -> None:
    with either.write() as session:
        key = clients.add(session, name, Role.ONE_STOP_CLIENT, Scope.of(["H14"]), COMMAND)
    with either.write() as session:
        client = clients.by_bearer(session, key)
        assert client is not None
        token = clients.new_bearer(session, client)
        (row,) = [one for one in clients.listed(session) if one.name == name]
        assert key.rpartition("_")[2] not in {row.key_digest, row.prefix, row.name}
    with either.read() as session:
        assert clients.by_bearer(session, token) == client
        assert clients.by_key(session, token) is None, "a token is no key: it gets no further tokens"
