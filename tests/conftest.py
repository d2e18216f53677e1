"""What every test may rely on: the servers it needs, or its name in the list of those left out.

The network is denied by pytest-socket (``pyproject.toml``): only the loopback and Unix sockets can be reached.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from config import logging
from tests.support import rooms, schema
from tests.support.own_programs import PROGRAMS, Programs
from tests.support.services import (
    CHROMIUM,
    POSTGRES,
    RABBITMQ,
    REDIS,
    SERVICES,
    Server,
    ServerUnreachableError,
    Service,
)

_SERVERS = pytest.StashKey[dict[Service | Programs, Server]]()
_LEFT_OUT = pytest.StashKey[dict[str, list[str]]]()
"""By what a person is told: what is wanting, and the names of the tests."""

# Eight thousand tests are no garbage: to look through them again and again takes more than to collect them, and a tenth
# of the whole run. `pytest --collect-only` took 13.4 s, and takes 5.4.
gc.disable()

# A busy machine is no failure: what is slow is caught by the tests' own time limit.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# A logger that one test has used under its own settings must not stay with them for the next.
logging.CACHE_LOGGERS = False


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests whose server is not here; the summary names them."""
    servers, left_out = config.stash.setdefault(_SERVERS, {}), config.stash.setdefault(_LEFT_OUT, {})
    for service in (*SERVICES, PROGRAMS):
        needing = [item for item in items if _needs(item, service)]
        server = _locate(service) if needing else None
        if server:
            servers[service] = server
        elif needing:
            left_out[service.name] = [item.nodeid for item in needing]
    gone = {name for names in left_out.values() for name in names}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in gone])
    items[:] = [item for item in items if item.nodeid not in gone]


def pytest_collection_finish() -> None:
    """Look for garbage again, but neither among what was collected nor after every few hundred objects."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where tests run in several processes, let the first one know what this one has left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash.get(_LEFT_OUT, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear what a process has left out; every one of them has left out the same."""
    node.config.stash.setdefault(_LEFT_OUT, {}).update(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say loudly what did not run, and what to do about it."""
    remedies = {service.name: service.remedy for service in (*SERVICES, PROGRAMS)}
    for wanting, names in config.stash.get(_LEFT_OUT, {}).items():
        terminalreporter.section(f"tests LEFT OUT for want of {wanting}: {len(names)}", red=True, bold=True)
        for name in names:
            terminalreporter.line(f"  {name}")
        terminalreporter.line(f"To run them: {remedies[wanting]}.")


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """SQLAlchemy URL of an empty PostgreSQL database that lives as long as this test run."""
    with rooms.own_database(request.config.stash[_SERVERS][POSTGRES]) as url, schema.kept_for_copies(url):
        yield url


@pytest.fixture(scope="session")
def rabbitmq_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """AMQP URL of a RabbitMQ virtual host that lives as long as this test run."""
    with rooms.own_virtual_host(request.config.stash[_SERVERS][RABBITMQ]) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a Redis database that holds nothing but what the tests put there."""
    with rooms.own_redis_database(request.config.stash[_SERVERS][REDIS]) as url:
        yield url


@pytest.fixture(scope="session")
def chromium_path(request: pytest.FixtureRequest) -> str:
    """Path of the system's Chromium."""
    return request.config.stash[_SERVERS][CHROMIUM].url


def _needs(item: pytest.Item, service: Service | Programs) -> bool:
    if service.fixture in getattr(item, "fixturenames", ()):
        item.add_marker(service.marker)
    return item.get_closest_marker(service.marker) is not None


def _locate(service: Service | Programs) -> Server | None:
    try:
        return service.locate()
    except ServerUnreachableError as error:
        raise pytest.UsageError(str(error)) from error
