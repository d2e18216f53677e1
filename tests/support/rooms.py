"""A room of the tests' own in each server: made empty, given up at the end, and nothing else is ever touched."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.support import debian
from tests.support.services import Server, libpq_url

PREFIX = "onestop_postal_test"
_CLAIM_SECONDS = 3600


@contextmanager
def own_database(server: Server, *, copy_of: str | None = None, name: str | None = None) -> Iterator[str]:
    """Give an empty UTF-8 database, or a copy of one that nobody uses, as a SQLAlchemy URL; drop it afterwards."""
    name = name or f"{PREFIX}_{secrets.token_hex(4)}"
    # From template0, because a server installed under the C locale would give a database that refuses Vietnamese.
    create = "CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' LOCALE 'C.UTF-8'"
    _administer(server, sql.SQL(create).format(sql.Identifier(name), sql.Identifier(copy_of or "template0")))
    try:
        url = make_url(server.url).set(drivername="postgresql+psycopg", database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        _administer(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _administer(server: Server, statement: sql.Composed) -> None:
    with psycopg.connect(libpq_url(server.url), autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def own_virtual_host(server: Server) -> Iterator[str]:
    """Give an empty virtual host, as an AMQP URL; of a server named by the environment, the one in its URL."""
    if server.named:
        yield server.url
        return
    name = f"{PREFIX}_{secrets.token_hex(4)}"
    debian.run_as_root("rabbitmqctl", "--quiet", "add_vhost", name)
    try:
        debian.run_as_root("rabbitmqctl", "--quiet", "set_permissions", "-p", name, "guest", ".*", ".*", ".*")
        yield urlsplit(server.url)._replace(path=f"/{name}").geturl()
    finally:
        debian.run_as_root("rabbitmqctl", "--quiet", "delete_vhost", name)


@contextmanager
def own_redis_database(server: Server) -> Iterator[str]:
    """Give a numbered database that was empty, as a Redis URL, and empty it again afterwards."""
    for number in range(15, 0, -1):
        url = urlsplit(server.url)._replace(path=f"/{number}").geturl()
        with redis.Redis.from_url(url) as client:
            # The claim keeps out a second run that looks at the same moment; it expires if we are killed.
            if client.dbsize() == 0 and client.set(f"{PREFIX}:claim", "taken", nx=True, ex=_CLAIM_SECONDS):
                try:
                    yield url
                finally:
                    client.flushdb()
                return
    raise RuntimeError("every Redis database from 1 to 15 holds data; empty one, or name another server")
