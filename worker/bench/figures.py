"""What a bench of the engine prints: ours, the naive way and the ceiling, measured in turns in one run."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


@dataclass(frozen=True)
class Setting:
    """Against what a bench runs.

    Attributes:
        database: URL of a PostgreSQL server, in which the bench makes a database of its own and drops it again; empty
            for a SQLite file of its own.
        broker: URL of RabbitMQ or Redis; empty for the broker inside the process.
        n: how much work a round is; the bench's own choice when None.
    """

    database: str = ""
    broker: str = ""
    n: int | None = None
    rounds: int = 5
    seed: int = 20261126

    @property
    def database_name(self) -> str:
        """The kind of database, as it is printed."""
        return make_url(self.database).get_backend_name() if self.database else "sqlite"

    @property
    def broker_name(self) -> str:
        """The kind of broker, as it is printed."""
        return self.broker.partition(":")[0] or "memory"


@dataclass(frozen=True)
class Figures:
    """Medians over the rounds. The ratios are medians of each round's ratio: what the machine does slows all alike.

    Attributes:
        unit: of ``ours``, ``naive`` and ``ceiling``.
        goals: what was wanted, by the name of the figure, as ``ours_over_naive >= 15``, and whether it was reached.
        more: figures of this bench alone, such as ``p99_ms``.
    """

    name: str
    unit: str
    n: int
    rounds: int
    ours: float
    naive: float | None
    ceiling: float
    ours_over_naive: float | None
    ours_over_ceiling: float
    database: str
    broker: str
    goals: Mapping[str, bool] = field(default_factory=dict)
    more: Mapping[str, float] = field(default_factory=dict)


def in_turns(ways: Mapping[str, Callable[[int], float]], rounds: int) -> dict[str, list[float]]:
    """Let every way run once a round, the order turning with each round, and return what each measured.

    A way is called with the number of the round and returns its own figure.
    """
    names = list(ways)
    measured: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            measured[name].append(ways[name](turn))
    return measured


def middle_ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median of the ratios of ``ours`` to ``theirs``, round by round."""
    return median(mine / other for mine, other in zip(ours, theirs, strict=True))


@contextmanager
def own_database(url: str) -> Iterator[tuple[str, str]]:
    """Give the URL and the data key of an empty database of the bench's own, and drop it afterwards."""
    key = Fernet.generate_key().decode()
    if not url:
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'bench.db'}", key
        return
    name = f"onestop_postal_bench_{secrets.token_hex(4)}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False), key
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()
