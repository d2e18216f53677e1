"""A desk whose dossiers the simulated national portal keeps copies of, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import select

from config.accounts import OneStopSystem
from config.clock import local
from dispatch import outbox
from dispatch.context import Context
from dispatch.dossiers import put_dossier
from dispatch.forms import DossierEventForm, DossierForm
from dispatch.messenger import Messenger
from dispatch.news import tell_copies
from dispatch.onestop.dvcqg import mapping
from dispatch.onestop.dvcqg.client import NationalPortal
from dispatch.onestop.dvcqg.simulator import PASSWORD, USERNAME, PortalBooks, create_app, options_at
from dispatch.onestop.standing import Standing
from dispatch.outbox import OutboxMessage, OutboxState
from tests.support.desk import CODE, TestDesk, dossier_body, opened_desk
from tests.support.servers import serve
from tracking.dossier_events import take_event
from tracking.onestop_standing import standings

PORTAL = "onestop:dvcqg-portal"


@dataclass
class PortalDesk:
    """A desk and its portal, and what one does with them. Times are those of the desk's clock."""

    desk: TestDesk
    context: Context
    messenger: Messenger
    books: PortalBooks
    url: str

    @property
    def portal(self) -> NationalPortal:
        (portal,) = (one for one in self.messenger.onestops if isinstance(one, NationalPortal))
        return portal

    def register(self, code: str = CODE, **more: Any) -> None:
        """Register a dossier as our HTTP interface does."""
        now = self.desk.clock.now()
        with self.context.database.write() as session:
            dossier, _ = put_dossier(session, code, DossierForm.model_validate(dossier_body(**more)), now)
            tell_copies(session, self.context.accounts, dossier, f"registered:{dossier.revision}", now)

    def happens(self, kind: str, event_id: str, at: datetime | None = None, code: str = CODE, **more: Any) -> None:
        """The one-stop reports an event of a dossier."""
        moment = at or self.desk.clock.now()
        body = {"event_id": event_id, "type": kind, "at": moment, "officer": "Hà Thị Mai", **more}
        form = DossierEventForm.model_validate(body)
        with self.context.database.write() as session:
            take_event(session, self.context, self.desk.office, code, form, "one-stop")

    def faults(self, *faults: dict[str, Any]) -> None:
        """Let the portal make these troubles and no others."""
        httpx.post(f"{self.url}/_control/faults", json=list(faults)).raise_for_status()

    def owed(self) -> list[OutboxMessage]:
        """Return what the portal is owed and has not got, oldest first."""
        query = select(OutboxMessage).where(OutboxMessage.destination == PORTAL)
        with self.desk.read() as session:
            waiting = query.where(OutboxMessage.state != OutboxState.SENT).order_by(OutboxMessage.written)
            return list(session.scalars(waiting))

    def deliver(self) -> None:
        """Send what is due now."""
        outbox.drain(self.context, self.messenger.send)

    def settle(self) -> None:
        """Let time pass until the portal has got everything."""
        for _ in range(40):
            self.deliver()
            if not self.owed():
                return
            self.desk.clock.forward(hours=3)
        raise AssertionError(f"the portal is still owed {len(self.owed())} messages: {self.owed()[0].trouble}")

    def standing(self, code: str = CODE) -> Standing:
        standing = standings(self.context.database, self.desk.office)(code)
        assert standing is not None
        return standing

    def copy(self, code: str = CODE) -> dict[str, Any]:
        """Return what the portal holds of a dossier."""
        return self.books.dossier(code) or {}

    def history(self, code: str = CODE) -> list[str]:
        """Return the portal's progress rows of a dossier."""
        return [row["NoiDungXuLy"] for row in self.books.history(code)]

    def is_in_line(self, code: str = CODE) -> bool:
        """Whether the portal holds what we hold, and each step once."""
        standing = self.standing(code)
        fields = mapping.dossier_fields(standing, channel="1")
        return self.copy(code) == fields and sorted(self.history(code)) == sorted(s.what for s in standing.steps)

    def fates(self, service: str = "DongBoHoSoMC") -> list[str]:
        """Return what became of each call of a service."""
        return [answer for _, _, answer in self.books.calls(service)]

    def told_due(self, code: str = CODE) -> str:
        """Return our due date as the portal writes it."""
        due = self.standing(code).due
        return f"{local(due):%Y%m%d%H%M%S}" if due else ""


@contextmanager
def opened_portal_desk(folder: Path, style: str = "session", **options: Any) -> Iterator[PortalDesk]:
    """Open a desk whose one-stop's dossiers the portal copies; ``options`` replace those of the connector."""
    books = PortalBooks(folder / "portal.db")
    with opened_desk(folder) as desk, serve(create_app(books)) as url:
        system = portal_system(url, style, **options)
        accounts = desk.context.accounts.model_copy(update={"onestops": (*desk.context.accounts.onestops, system)})
        context = replace(desk.context, accounts=accounts)
        told = standings(context.database, desk.office)
        messenger = Messenger(accounts, context.settings, told, database=context.database)
        yield PortalDesk(desk, context, messenger, books, url)
        messenger.close()
    books.close()


def portal_system(url: str, style: str, **options: Any) -> OneStopSystem:
    """Return the configuration of the portal at ``url``."""
    secrets = {"username": SecretStr(USERNAME), "password": SecretStr(PASSWORD)} if style == "session" else {}
    return OneStopSystem(
        id="dvcqg-portal",
        connector="dvcqg",
        copies=("igate",),
        options={**options_at(url, style), **options},
        secrets=secrets,
    )
