"""The promises about servers: a room of our own, nothing skipped in silence, and no network but the loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import psycopg
import pytest
import redis
from kombu.connection import Connection
from pytest_socket import SocketConnectBlockedError

from tests.support.rooms import PREFIX, own_database, own_redis_database
from tests.support.services import POSTGRES, RABBITMQ, REDIS, Server, ServerUnreachableError, libpq_url

_NOBODY = "redis://127.0.0.1:1/0"


def test_the_tests_own_postgres_database_keeps_vietnamese(postgres_url: str) -> None:
    with psycopg.connect(libpq_url(postgres_url)) as connection:
        assert connection.execute("SELECT 'Cao Bằng', current_database()").fetchone() == (
            "Cao Bằng",
            postgres_url.rsplit("/", 1)[1].split("?")[0],
        )
        assert connection.info.dbname.startswith(PREFIX)


def test_the_database_is_gone_when_the_tests_are(postgres_url: str) -> None:
    with own_database(Server(postgres_url, named=False)) as url:
        name = psycopg.conninfo.conninfo_to_dict(libpq_url(url))["dbname"]
        assert _databases(postgres_url, str(name)) == 1
    assert _databases(postgres_url, str(name)) == 0


def test_a_message_goes_through_the_tests_own_virtual_host(rabbitmq_url: str) -> None:
    with Connection(rabbitmq_url) as connection, connection.SimpleQueue("doorbell") as queue:
        queue.put("news")
        assert queue.get(timeout=5).decode() == "news"
        queue.clear()


def test_two_runs_never_share_a_redis_database(redis_url: str) -> None:
    with own_redis_database(Server(redis_url, named=False)) as second, redis.Redis.from_url(second) as client:
        assert second != redis_url
        client.set("ours", "1")
    with redis.Redis.from_url(second) as client:
        assert client.dbsize() == 0


def test_a_server_that_is_switched_off_is_not_looked_for() -> None:
    assert all(service.locate({service.variable: "off"}) is None for service in (POSTGRES, RABBITMQ, REDIS))


@pytest.mark.parametrize(
    ("service", "url"),
    [(POSTGRES, "postgresql://127.0.0.1:1/x"), (RABBITMQ, "amqp://127.0.0.1:1//"), (REDIS, _NOBODY)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_named_server_that_does_not_answer_is_an_error_and_no_other_is_taken(service: object, url: str) -> None:
    assert isinstance(service, type(REDIS))
    with pytest.raises(ServerUnreachableError, match=service.variable):
        service.locate({service.variable: url})


def test_tests_without_their_server_are_left_out_loudly() -> None:
    command = [sys.executable, "-m", "pytest", "--color=no", __file__, "-k", "redis_database or switched_off"]
    environment = {**os.environ, REDIS.variable: "off"}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "tests LEFT OUT for want of Redis: 1" in run.stdout
    assert "test_two_runs_never_share_a_redis_database" in run.stdout
    assert "1 passed" in run.stdout


def test_the_network_beyond_the_loopback_is_denied() -> None:
    outside = socket.socket()
    with outside, pytest.warns(match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        outside.connect(("192.0.2.1", 443))


def _databases(url: str, name: str) -> int:
    with psycopg.connect(libpq_url(url)) as connection:
        row = connection.execute("SELECT count(*) FROM pg_database WHERE datname = %s", (name,)).fetchone()
    assert row is not None
    return int(row[0])
