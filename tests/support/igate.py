"""A simulated iGate over real HTTP and a connector that is open to it, as tests use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from carriers.reading import event_time
from config.accounts import OneStopSystem
from config.settings import Settings
from dispatch.onestop.contract import Imported
from dispatch.onestop.igate.client import IgateOneStop
from dispatch.onestop.igate.simulator import IgateOffice, create_app
from dispatch.onestop.igate.simulator.samples import BY_POST, sample_dossier
from dispatch.onestop.plugin import Ties
from dispatch.onestop.standing import Standing
from dispatch.outbox_rows import OutboxMessage
from dispatch.signed_post import SignedPost
from tests.support.desk import MONDAY
from tests.support.servers import serve

PORTAL = OneStopSystem(
    id="portal",
    copies=("igate",),
    callback_url="https://portal.example/callbacks",
    signing_secret=SecretStr("whsec_" + "cHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBw"),
)
OPTIONS: dict[str, Any] = {
    "api": "https://api.igate.example",
    "sso": "https://sso.igate.example",
    "import_from": "2026-01-01T00:00:00+07:00",
    "receiving_kinds": {BY_POST["id"]: "receive"},
    "postal_submission": "all",
    "postal_return": "all",
    "statuses": {
        "0": "filed",
        "1": "supplement",
        "2": "processing",
        "3": "stopped",
        "4": "finished",
        "5": "returned",
        "6": "withdrawn",
    },
    "page_size": 3,
}


def system(secrets: dict[str, str] | None = None, **options: Any) -> OneStopSystem:
    """Return an iGate system with ``options`` over the usual ones; ``secrets`` replace all of them."""
    given = {"client_id": "desk", "client_secret": "secret-of-the-desk"} if secrets is None else secrets
    return OneStopSystem(
        id="igate-cb",
        connector="igate",
        source_systems=("igate",),
        options={**OPTIONS, **options},
        secrets={name: SecretStr(value) for name, value in given.items()},
    )


def ties(folder: Path, standing: Callable[[str], Standing | None] = lambda _code: None, **more: Any) -> Ties:
    """Return what a process gives a connector; the portal keeps copies of iGate's dossiers."""
    settings = Settings(home=folder, call_timeout=5.0, lease_seconds=30.0)
    copies: dict[str, tuple[OneStopSystem, ...]] = {"igate": (PORTAL,)}
    kept = lambda source: copies.get(source, ())  # noqa: E731 - as short as what it stands for
    return Ties(settings, SignedPost(1.0), standing, copies_of=kept, **more)


@dataclass
class TheirClock:
    """iGate's own clock."""

    instant: datetime = MONDAY

    def now(self) -> datetime:
        return self.instant

    def forward(self, **how: float) -> None:
        self.instant += timedelta(**how)


@dataclass
class Installation:
    """A served iGate and our connector to it."""

    office: IgateOffice
    clock: TheirClock
    onestop: IgateOneStop
    url: str

    def __post_init__(self) -> None:
        self._filed = 0

    # What the conformance suite moves.

    def file(self, check: str) -> str:
        self._filed += 1
        self.clock.forward(minutes=1)
        document = sample_dossier(self._filed, self.clock.now())
        self.office.put(document)
        return str(document["code"])

    def change(self, code: str) -> None:
        self.clock.forward(minutes=1)
        self.office.change(code, nationCode=f"changed at {self.clock.now().isoformat()}")

    def remove(self, code: str) -> None:
        self.office.delete(code)

    def meanwhile(self, act: Callable[[], None]) -> None:
        def between(page: int) -> None:
            if page:
                self.office.before_page = lambda _page: None
                act()

        self.office.before_page = between

    def is_latest(self, imported: Imported) -> bool:
        held = next(one for one in self.office.dossiers() if one["code"] == imported.code)
        return bool(imported.raw["dossier"] == held)

    def due(self, code: str) -> datetime:
        held = next(one for one in self.office.dossiers() if one["code"] == code)
        return event_time(held["appointmentDate"], "appointmentDate")

    def walk(self, position: str | None = None) -> tuple[str, list[Imported]]:
        """Read to the end of a look; returns where to go on and what came."""
        came: list[Imported] = []
        more = True
        while more:
            page = self.onestop.changes(position)
            position, more = page.position, page.more
            came += page.dossiers
        assert position is not None
        return position, came


@contextmanager
def installation(folder: Path, **options: Any) -> Iterator[Installation]:
    """Serve an iGate and open a connector to it, with ``options`` over the usual ones."""
    clock = TheirClock()
    office = IgateOffice(clock.now)
    with serve(create_app(office)) as url:
        given = ties(folder)
        onestop = IgateOneStop(system(api=url, sso=url, **options), given)
        try:
            yield Installation(office, clock, onestop, url)
        finally:
            onestop.close()
            given.post.close()


def message(name: str, type: str = "postal.shipment_moved", payload: str = "{}", subject: str = "d") -> OutboxMessage:
    """Return a message of the outbox."""
    now = datetime.now(UTC)
    return OutboxMessage(
        id=name, destination="onestop:igate-cb", type=type, subject=subject, payload=payload, created_at=now, due_at=now
    )
