"""One thing that needs a person, and the view from which it is looked for. Its words are in ``words.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from config.clock import local
from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.news import message_id, tell_onestop
from dispatch.outbox import OutboxMessage
from dispatch.shipments import Shipment
from tracking.office import Office

IN_DOUBT = frozenset(
    {"booking-outcome-unknown", "booking-parked", "booking-booked", "waybill-unproven", "not-collected"}
)
"""Kinds that a person settles by asking the operator whether it holds the order (``postal settle``)."""

_TYPE = "postal.attention_needed"
_TOLD = ("kind", "what_vi", "what_en", "next_step_vi", "next_step_en")


@dataclass(frozen=True)
class Attention:
    """One thing that needs a person.

    Attributes:
        key: the same for the same trouble, so that nobody is told of it twice.
        kind: stable slug, for filters and for support; its words are in ``words.toml``.
    """

    key: str
    kind: str
    dossier: str | None
    shipment: str | None
    since: datetime
    what_vi: str
    what_en: str
    next_step_vi: str
    next_step_en: str


@dataclass(frozen=True)
class View:
    """What the watch looks at, and the moment at which it looks."""

    session: Session
    context: Context
    office: Office

    @property
    def now(self) -> datetime:
        return self.context.clock.now()

    @property
    def today(self) -> date:
        return local(self.now).date()


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def item(kind: str, key: str, since: datetime, values: Mapping[str, object], dossier: str | None = None) -> Attention:
    """Return a trouble; ``values`` fill the placeholders of its words."""
    said = {name: text.format_map({**values, "dossier": dossier}) for name, text in _words()[kind].items()}
    order = values.get("order")
    return Attention(f"{kind}:{key}", kind, dossier, str(order) if order else None, since, **said)


def of_shipment(shipment: Shipment, kind: str, since: datetime, key: str = "", **values: object) -> Attention:
    """Return a trouble of one shipment; ``key`` tells apart several of one kind."""
    number = shipment.order_number
    return item(kind, f"{number}{key}", since, {**values, "order": number}, shipment.dossier_code)


def was_told(session: Session, one: Attention) -> bool:
    """Whether the dossier's one-stop has been told of a trouble."""
    return one.dossier is not None and session.get(OutboxMessage, message_id(one.dossier, _TYPE, one.key)) is not None


def tell_attention(session: Session, context: Context, one: Attention) -> None:
    """Owe the one-stop of a trouble's dossier the message that it needs a hand; the same trouble is told once."""
    dossier = session.get_one(Dossier, one.dossier)
    data = {name: value for name, value in asdict(one).items() if name in _TOLD}
    tell_onestop(session, context.accounts, dossier, _TYPE, one.key, data, context.clock.now())
