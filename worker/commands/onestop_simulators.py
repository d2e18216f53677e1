"""``postal simulator`` for one-stop systems: one of them for an integrator, directed over ``/_control``."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from config.clock import wall_now
from config.errors import ConfigurationError
from dispatch.onestop.dvcqg import simulator as dvcqg
from dispatch.onestop.igate import simulator as igate
from dispatch.onestop.igate.simulator.samples import BY_POST, sample_dossier
from worker.commands.output import console, say_json

_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class OnestopSimulator:
    """A system that runs: its application, ways to configure a connector for it, and how to end it."""

    app: Any
    systems: tuple[dict[str, Any], ...]
    close: Callable[[], None]


def _dvcqg(base: str, database: Path | None) -> OnestopSimulator:
    books = dvcqg.PortalBooks(database)
    secrets = {"session": {"username": dvcqg.USERNAME, "password": dvcqg.PASSWORD}}
    systems = tuple(
        {"connector": "dvcqg", "options": dvcqg.options_at(base, style), "secrets": secrets.get(style, {})}
        for style in ("session", "lgsp", "gateway")
    )
    return OnestopSimulator(dvcqg.create_app(books), systems, books.close)


def _igate(base: str, database: Path | None) -> OnestopSimulator:
    if database is not None:
        raise ConfigurationError("the simulated igate keeps its records in memory: leave --database out")
    office = igate.IgateOffice(wall_now)
    for number in range(1, _SAMPLES + 1):
        by_post = {"dossierReceivingKind": BY_POST} if number % 2 else {}
        office.put(sample_dossier(number, wall_now(), **by_post))
    options = {
        "api": base,
        "sso": base,
        "import_from": "2020-01-01T00:00:00+07:00",
        "receiving_kinds": {BY_POST["id"]: "receive"},
        "postal_submission": "all",
        "postal_return": "all",
    }
    secrets = {"client_id": office.client_id, "client_secret": office.client_secret}
    system = {"connector": "igate", "options": options, "secrets": secrets}
    return OnestopSimulator(igate.create_app(office), (system,), lambda: None)


ONESTOPS: Mapping[str, Callable[[str, Path | None], OnestopSimulator]] = {"dvcqg": _dvcqg, "igate": _igate}
"""By the name of the connector."""


def run_onestop(name: str, port: int, database: Path | None) -> None:
    """Be a one-stop system until Ctrl-C.

    Raises:
        ConfigurationError: its books cannot be opened.
    """
    base = f"http://127.0.0.1:{port}"
    try:
        simulator = ONESTOPS[name](base, database)
    except sqlite3.Error as error:
        raise ConfigurationError(f"the books {database} cannot be opened ({error}): name another file") from error
    console.print(f"{name} on {base}; Ctrl-C stops it. Ways to configure it as an entry of onestops:")
    say_json(list(simulator.systems))
    console.print("Directed under /_control, which docs/onestops.md tells; GET /_control/dossiers shows its books.")
    uvicorn.run(simulator.app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
    simulator.close()
