"""A desk between its neighbours, all over real HTTP: an iGate, the national portal, VNPost and MyVNPost.

The system is the one that the environment names, so the commands of ``postal`` work on it.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from carriers.myvnpost.simulator.operator import MyVnPostOperator
from carriers.simulation import account_at, simulator_of
from carriers.vnpost_ngsp.simulator import NgspOperator
from config.clock import DrivenClock
from config.settings import load_settings
from dispatch import booking, outbox
from dispatch.forms import OrderForm
from dispatch.onestop.dvcqg.simulator import PortalBooks
from dispatch.onestop.dvcqg.simulator import create_app as portal_app
from dispatch.onestop.igate.simulator import IgateOffice
from dispatch.onestop.igate.simulator import create_app as igate_app
from dispatch.onestop.igate.simulator.office import written
from dispatch.onestop.igate.simulator.samples import sample_dossier, status
from dispatch.orders import place_order
from tests.support.desk import CARRIER, MONDAY, order_body
from tests.support.igate import OPTIONS
from tests.support.operators import DESK
from tests.support.portal import portal_system
from tests.support.servers import serve
from tracking import apply, onestop_importing, onestop_inbox, polling
from tracking.onestop_standing import standings
from worker import migrate
from worker.cli import app
from worker.runtime import Runtime, build
from worker.training import plot

IGATE, PORTAL = "igate-cb", "dvcqg-portal"
VNPOST, MYVNPOST = "vnpost-ngsp", "myvnpost"


@dataclass
class Neighbours:
    """The neighbours and the system between them; everybody's time is ``clock``."""

    runtime: Runtime
    clock: DrivenClock
    igate: IgateOffice
    portal: PortalBooks
    portal_url: str
    vnpost: NgspOperator
    myvnpost: MyVnPostOperator

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def forward(self, **how: float) -> None:
        self.clock.advance_to(self.clock.now() + timedelta(**how))

    def file(self, number: int, *, accepted: bool = True, **more: Any) -> str:
        """A citizen hands a dossier in, at iGate's counter or to be fetched by post; returns its code."""
        at_the_counter = {} if accepted else {"dossierStatus": status(0), "acceptedDate": None, "appointmentDate": None}
        document = sample_dossier(number, MONDAY, **{**at_the_counter, **more})
        self.igate.put(document)
        return str(document["code"])

    def order(self, code: str, carrier: str = CARRIER) -> str:
        """Order that a dossier's papers are fetched; returns the order's number."""
        form = OrderForm.model_validate(order_body("send", dossier=code, carrier=carrier))
        with self.runtime.context.database.write() as session:
            accounts = self.runtime.context.accounts
            _, (shipment,) = place_order(session, accounts, form, result_is_ready=False, now=self.now)
            return shipment.order_number

    def work(self) -> None:
        """Do all work that is due now, as the workers do it."""
        context, onestops = self.runtime.context, self.runtime.messenger.onestops
        for _ in range(4):
            onestop_importing.drain(context, onestops)
            onestop_inbox.drain(context, self.runtime.office, onestops)
            booking.drain(context)
            polling.drain(context)
            apply.drain(context, self.runtime.office)
            outbox.drain(context, self.runtime.messenger.send)

    def settle(self) -> None:
        """Let everybody be told of everything."""
        for _ in range(3):
            self.work()
            self.type_due_dates()
            self.forward(hours=3)
        self.work()

    def type_due_dates(self) -> None:
        """iGate's clerk types in every due date that we have told."""
        standing = standings(self.runtime.context.database, self.runtime.office)
        for document in self.igate.dossiers():
            known = standing(document["code"])
            if known is not None and known.due is not None:
                self.igate.change(document["code"], appointmentDate=written(known.due))

    def run(self, *words: str) -> Result:
        """Run ``postal`` with these words."""
        return CliRunner().invoke(app, list(words), catch_exceptions=False)

    def type_in(self, command: str) -> Result:
        """Type a command as it was printed, with a name and a reason where it leaves them open."""
        words = [{"HỌ TÊN": "Hà Thị Mai", "LÝ DO": "Đối chiếu"}.get(word, word) for word in shlex.split(command)]
        assert words[0] == "postal"
        return self.run(*words[1:])


@contextmanager
def opened_neighbours(home: Path, environment: pytest.MonkeyPatch) -> Iterator[Neighbours]:
    """Serve all neighbours and open a new system between them."""
    clock = DrivenClock(home / "clock", start=MONDAY)
    office, books = IgateOffice(clock.now), PortalBooks(home / "portal.db")
    vnpost, myvnpost = (simulator_of(name).make(now=clock.now) for name in ("vnpost_ngsp", "myvnpost"))
    assert isinstance(vnpost, NgspOperator)
    assert isinstance(myvnpost, MyVnPostOperator)
    with ExitStack() as closing:
        for close in (books.close, vnpost.close, myvnpost.close):
            closing.callback(close)
        igate_url, portal_url = (closing.enter_context(serve(one)) for one in (igate_app(office), portal_app(books)))
        urls = {
            name: closing.enter_context(serve(simulator_of(name).app(operator)))
            for name, operator in (("vnpost_ngsp", vnpost), ("myvnpost", myvnpost))
        }
        (home / "postal.toml").write_text(_configuration(igate_url, portal_url, urls), encoding="utf-8")
        _name(environment, home)
        runtime = build(load_settings(), lambda _lane: None)
        closing.callback(runtime.close)
        migrate.upgrade(runtime.context.database)
        runtime.prepare()
        yield Neighbours(runtime, clock, office, books, portal_url, vnpost, myvnpost)


def _name(environment: pytest.MonkeyPatch, home: Path) -> None:
    """Let the environment name the system in ``home`` and no other."""
    for name in [name for name in os.environ if name.startswith("POSTAL_")]:
        environment.delenv(name)
    own = {"HOME": f"{home}", "CONFIG": f"{home / 'postal.toml'}", "CLOCK_FILE": f"{home / 'clock'}"}
    for name, value in {**own, "CALL_TIMEOUT": "20", "LEASE_SECONDS": "60"}.items():
        environment.setenv(f"POSTAL_{name}", value)


def _configuration(igate_url: str, portal_url: str, operators: dict[str, str]) -> str:
    lines: list[str] = []
    for carrier, url in operators.items():
        account = account_at(carrier, url, account_id=carrier.replace("_", "-"), desk=DESK)
        lines += plot._table("[[carrier_accounts]]", plot._written(account))
    igate = {
        "id": IGATE,
        "connector": "igate",
        "source_systems": ["igate"],
        "options": {**OPTIONS, "api": igate_url, "sso": igate_url},
        "secrets": {"client_id": "desk", "client_secret": "secret-of-the-desk"},
    }
    portal = portal_system(portal_url, "session")
    secrets = {name: secret.get_secret_value() for name, secret in portal.secrets.items()}
    lines += plot._table("[[onestops]]", igate)
    lines += plot._table(
        "[[onestops]]",
        {"id": PORTAL, "connector": "dvcqg", "copies": ["igate"], "options": portal.options, "secrets": secrets},
    )
    return "\n".join(lines) + "\n"
