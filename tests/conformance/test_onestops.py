"""Every connector to a one-stop system keeps the contract, against its own simulator and over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from config.accounts import OneStopSystem
from config.settings import Settings
from dispatch.news import cloud_event
from dispatch.onestop import registry
from dispatch.onestop.bus.connector import BusOneStop
from dispatch.onestop.conformance import Check, Harness, checks_for
from dispatch.onestop.contract import CanBeChecked, ImportsDossiers, OneStop, ShowsCopies
from dispatch.onestop.dvcqg import mapping
from dispatch.onestop.plugin import Ties
from dispatch.onestop.rest import RestOneStop
from dispatch.outbox_rows import Delivery, OutboxMessage
from dispatch.signed_post import SignedPost
from tests.support.desk import CODE, MONDAY, signing_secret
from tests.support.igate import installation, message
from tests.support.portal import PORTAL, PortalDesk, opened_portal_desk
from tests.support.servers import serve
from tests.worker.bus.other_side import PATIENCE, OtherSide
from worker.bus.publisher import BusPublisher

CAPABILITIES: dict[str, Callable[[OneStop], bool]] = {
    "import": lambda onestop: isinstance(onestop, ImportsDossiers),
    "copies": lambda onestop: isinstance(onestop, ShowsCopies),
    "check": lambda onestop: isinstance(onestop, CanBeChecked),
}


class _Receiver:
    """Takes callbacks, each id once; or a gateway in front of it shows its log-in page."""

    def __init__(self) -> None:
        self.effects: dict[str, int] = {}
        self.pages = 0

    async def take(self, request: Request) -> Response:
        if self.pages:
            self.pages -= 1
            return HTMLResponse("<!doctype html><title>Đăng nhập</title>")
        self.effects.setdefault(request.headers["webhook-id"], 1)
        return Response(status_code=204)

    def show_a_page(self) -> None:
        self.pages += 1


Opener = Callable[[Path, pytest.FixtureRequest], AbstractContextManager[Harness]]


@contextmanager
def rest(folder: Path, _request: pytest.FixtureRequest) -> Iterator[Harness]:
    receiver = _Receiver()
    with serve(Starlette(routes=[Route("/callbacks", receiver.take, methods=["POST"])])) as url:
        system = OneStopSystem(
            id="rest",
            source_systems=("rest",),
            callback_url=f"{url}/callbacks",
            signing_secret=SecretStr(signing_secret("c")),
        )
        post = SignedPost(5.0)
        onestop = RestOneStop(system, Ties(Settings(home=folder), post, lambda _code: None))
        yield Harness(onestop, message, lambda sent: receiver.effects.get(sent.id, 0), receiver.show_a_page)
        post.close()


@contextmanager
def igate(folder: Path, _request: pytest.FixtureRequest) -> Iterator[Harness]:
    with installation(folder) as theirs:
        yield Harness(
            theirs.onestop,
            message,
            lambda _sent: 0,
            lambda: theirs.office.make_trouble("html"),
            lambda: theirs.office.make_trouble("expired"),
            theirs,
        )


class _Portal:
    """The portal's side: what it holds, and the dossiers of ours that a check speaks of."""

    def __init__(self, desk: PortalDesk) -> None:
        self._desk = desk
        self._filed = 0

    def message(self, check: str) -> OutboxMessage:
        """Register a dossier of which the portal has not heard, and ring the portal's bell for it."""
        code = self._register()
        return OutboxMessage(id=f"{code}:{check}", destination=PORTAL, subject=code, payload="{}")

    def effects(self, sent: OutboxMessage) -> int:
        """Return how often the step that every history begins with is in the dossier's."""
        return self._desk.history(sent.subject).count("Nộp hồ sơ")

    def file(self, check: str) -> str:
        code = self._register()
        self._desk.happens("accepted", "e1", code=code)
        self._desk.settle()
        return code

    def due(self, code: str) -> datetime:
        due = mapping.read_time(self._desk.copy(code)["NgayHenTra"])
        assert due is not None
        return due

    def _register(self) -> str:
        self._filed += 1
        code = f"H14.10-260302-{self._filed:04d}"
        self._desk.register(code)
        return code


def portal(style: str) -> Opener:
    @contextmanager
    def opened(folder: Path, _request: pytest.FixtureRequest) -> Iterator[Harness]:
        with opened_portal_desk(folder, style) as desk:
            theirs = _Portal(desk)
            over = (lambda: desk.faults({"kind": "expired"})) if style == "session" else None
            pretend = partial(desk.faults, {"kind": "page"})
            yield Harness(desk.portal, theirs.message, theirs.effects, pretend, over, theirs)

    return opened


_EVERYTHING = "postal.#"


class _Bus(BusPublisher):
    """The way onto the bus, and the other side's queue, which is bound again after every message."""

    def __init__(self, side: OtherSide) -> None:
        super().__init__(side.bus, PATIENCE)
        self._side = side
        self._heard: set[str] = set()
        side.listens(_EVERYTHING)

    def publish(self, message: OutboxMessage) -> Delivery:
        try:
            return super().publish(message)
        finally:
            self._side.listens(_EVERYTHING)

    def effects(self, sent: OutboxMessage) -> int:
        """Return how often the other side takes a message, of which it knows the ids."""
        self._heard |= {one["id"] for one in self._side.heard()}
        return int(sent.id in self._heard)

    def be_nobodys(self) -> None:
        """Let the next message be in nobody's queue."""
        self._side.stops_listening(_EVERYTHING)


@contextmanager
def bus(_folder: Path, request: pytest.FixtureRequest) -> Iterator[Harness]:
    side = OtherSide(request.getfixturevalue("rabbitmq_url"))
    theirs = _Bus(side)
    onestop = BusOneStop(side.system(), lambda _settings: theirs)
    yield Harness(onestop, _news, theirs.effects, theirs.be_nobodys)
    onestop.close()


def _news(check: str) -> OutboxMessage:
    return message(check, payload=cloud_event(check, "postal.shipment_moved", CODE, MONDAY, {}))


@dataclass(frozen=True)
class Kind:
    """A connector, in one of its styles where it has several that can do different things."""

    connector: str
    opened: Opener
    capabilities: tuple[str, ...]
    marks: tuple[pytest.MarkDecorator, ...] = ()


def kind(connector: str, opened: Opener, *marks: pytest.MarkDecorator) -> Kind:
    return Kind(connector, opened, registry.plugin(connector).capabilities, marks)


KINDS = {
    "bus": kind("bus", bus, pytest.mark.needs_rabbitmq),
    "dvcqg": kind("dvcqg", portal("session")),
    "dvcqg.gateway": Kind("dvcqg", portal("gateway"), ("tell",)),
    "dvcqg.lgsp": Kind("dvcqg", portal("lgsp"), ("tell",)),
    "igate": kind("igate", igate),
    "rest": kind("rest", rest),
}
EVERY_KIND = [pytest.param(kind, id=name, marks=kind.marks) for name, kind in KINDS.items()]


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        pytest.param(kind, check, id=f"{name}-{check.__name__}", marks=kind.marks)
        for name, kind in KINDS.items()
        for check in checks_for(kind.capabilities)
    ],
)
def test_the_contract_of_onestops_is_kept(
    tmp_path: Path, request: pytest.FixtureRequest, kind: Kind, check: Check
) -> None:
    with kind.opened(tmp_path, request) as harness:
        check(harness)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_connector_can_do_what_is_said_of_it(tmp_path: Path, request: pytest.FixtureRequest, kind: Kind) -> None:
    with kind.opened(tmp_path, request) as harness:
        can = {name for name, has_it in CAPABILITIES.items() if has_it(harness.onestop)}
    assert can == set(kind.capabilities) - {"tell", "hear"}


def test_every_connector_of_ours_is_put_to_the_test() -> None:
    assert {kind.connector for kind in KINDS.values()} == {plugin.name for plugin in registry.plugins()}
