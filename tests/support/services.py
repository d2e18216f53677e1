"""The servers and the browser that some tests need: which they are, where they are, and how they come to be here.

Run as a module (``make test`` does so first) it installs and starts, from Debian's packages, what does not answer yet.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis
from kombu.connection import Connection
from sqlalchemy.engine import make_url

from tests.support import debian

LEAVE_OUT = "off"
_CONNECT_SECONDS = 3


class ServerUnreachableError(Exception):
    """The environment names a server that does not answer; a test must not quietly take another one."""


@dataclass(frozen=True)
class Server:
    """A server that answers; ``named`` when the environment named it, so that it may be on another machine.

    Of the browser, ``url`` is the program's path.
    """

    url: str
    named: bool


@dataclass(frozen=True)
class Service:
    """One kind of server.

    Attributes:
        fixture: the fixture that gives its URL; a test that asks for it carries ``marker``.
        variable: environment variable with its URL, or ``off`` to leave its tests out.
        usual: URLs to try when the variable is not set.
        answers: whether the server at a URL can be used by the tests.
    """

    name: str
    marker: str
    fixture: str
    variable: str
    usual: Sequence[str]
    answers: Callable[[str], bool]
    package: debian.Package

    def locate(self, environment: Mapping[str, str] = os.environ) -> Server | None:
        """Return where the server answers, or None when there is none or it is switched off.

        Raises:
            ServerUnreachableError: the environment names a server and it cannot be used.
        """
        named = environment.get(self.variable, "")
        if named == LEAVE_OUT:
            return None
        if named and not self.answers(named):
            raise ServerUnreachableError(
                f"{self.variable} names a {self.name} that cannot be used; start it, correct the URL, "
                f"or set {self.variable}={LEAVE_OUT} to leave its tests out"
            )
        if named:
            return Server(named, named=True)
        return next((Server(url, named=False) for url in self.usual if self.answers(url)), None)

    @property
    def remedy(self) -> str:
        """What a person does to have this service's tests run."""
        return (
            f"unset {self.variable} if it is '{LEAVE_OUT}'; set it to one that the tests may use; "
            f"or run `make test` on Debian or Ubuntu as root or with sudo, which installs {self.package.name}"
        )


def postgres_answers(url: str) -> bool:
    """Whether there is a PostgreSQL at ``url`` where the tests may create a database."""
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=_CONNECT_SECONDS) as connection:
            allowed = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            return allowed.fetchone() == (True,)
    except psycopg.OperationalError:
        return False


def libpq_url(url: str) -> str:
    """Return ``url`` without the name of SQLAlchemy's driver, as psycopg itself reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def rabbitmq_answers(url: str) -> bool:
    """Whether there is a RabbitMQ at ``url`` that lets us in."""
    connection = Connection(url, connect_timeout=_CONNECT_SECONDS)
    refusals = (OSError, *connection.connection_errors, *connection.channel_errors)
    try:
        with connection:
            connection.connect()
    except refusals:
        return False
    return True


def rabbitmq_usable(url: str) -> bool:
    """Whether there is a RabbitMQ that lets us in, and ``rabbitmqctl`` may give the tests a virtual host there.

    A server named by the environment is used at the virtual host of its URL, which must be the tests' own.
    """
    if url != LOCAL_RABBITMQ:
        return rabbitmq_answers(url)
    return debian.root_prefix() is not None and debian.has_program("rabbitmqctl") and rabbitmq_answers(url)


def is_program(path: str) -> bool:
    """Whether there is a program at ``path`` that we may run."""
    return Path(path).is_absolute() and os.access(path, os.X_OK)


def redis_answers(url: str) -> bool:
    """Whether there is a Redis at ``url`` that lets us in."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=_CONNECT_SECONDS) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


LOCAL_RABBITMQ = "amqp://guest:guest@127.0.0.1:5672//"

POSTGRES = Service(
    name="PostgreSQL",
    marker="needs_postgres",
    fixture="postgres_url",
    variable="POSTAL_TEST_POSTGRES",
    # Over TCP where local connections are trusted, else over the socket under our own login's name.
    usual=("postgresql://postgres@127.0.0.1:5432/postgres", "postgresql:///postgres?host=/var/run/postgresql"),
    answers=postgres_answers,
    package=debian.Package("postgresql", program="pg_ctlcluster", daemon="postgresql"),
)
RABBITMQ = Service(
    name="RabbitMQ",
    marker="needs_rabbitmq",
    fixture="rabbitmq_url",
    variable="POSTAL_TEST_RABBITMQ",
    usual=(LOCAL_RABBITMQ,),
    answers=rabbitmq_usable,
    package=debian.Package("rabbitmq-server", daemon="rabbitmq-server", program="rabbitmq-server"),
)
REDIS = Service(
    name="Redis",
    marker="needs_redis",
    fixture="redis_url",
    variable="POSTAL_TEST_REDIS",
    usual=("redis://127.0.0.1:6379/0",),
    answers=redis_answers,
    package=debian.Package("redis-server", daemon="redis-server", program="redis-server"),
)
CHROMIUM = Service(
    name="Chromium",
    marker="needs_chromium",
    fixture="chromium_path",
    variable="POSTAL_TEST_CHROMIUM",
    usual=("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"),
    answers=is_program,
    package=debian.Package("chromium", program="chromium"),
)
SERVICES = (POSTGRES, RABBITMQ, REDIS, CHROMIUM)


def missing_services() -> list[Service]:
    """Return the services that do not answer, without those that were switched off."""
    wanted = [service for service in SERVICES if os.environ.get(service.variable) != LEAVE_OUT]
    return [service for service in wanted if service.locate() is None]


def provide(services: Sequence[Service]) -> None:
    """Install what is not installed, start what is not running, and let our own login into PostgreSQL.

    Raises:
        subprocess.CalledProcessError: a system command failed; its own output tells why.
    """
    debian.install([service.package for service in services])
    for service in services:
        debian.start(service.package)
    if POSTGRES in services and not _answers_within(POSTGRES, seconds=10):
        debian.create_postgres_login()
    for service in services:
        _answers_within(service, seconds=60)


def _answers_within(service: Service, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while service.locate() is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def main() -> None:
    """Make every service answer if that can be done here, and say what could not."""
    missing = missing_services()
    if missing and debian.may_install():
        print(f"Setting up for the tests: {', '.join(service.name for service in missing)}", flush=True)
        try:
            provide(missing)
        except subprocess.CalledProcessError as error:
            print(f"`{' '.join(error.cmd)}` failed with exit code {error.returncode}", file=sys.stderr)
        missing = missing_services()
    for service in missing:
        print(f"{service.name} does not answer, so its tests will be left out. To run them: {service.remedy}.")


if __name__ == "__main__":
    try:
        main()
    except ServerUnreachableError as error:
        sys.exit(str(error))
