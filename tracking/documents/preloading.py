"""What five hundred documents need is read with a handful of queries, not with thousands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.batch import among, batched
from dispatch.documents.kinds import DocumentKind
from dispatch.dossiers import Dossier
from dispatch.handover_lines import HandoverLine
from dispatch.orders import PostalOrder
from dispatch.pickup_slips import PickupSlip
from dispatch.shipments import Shipment

_BY_ORDER = frozenset({DocumentKind.SLIP, DocumentKind.LABEL, DocumentKind.UNDELIVERABLE})


@contextmanager
def preloaded(session: Session, kind: DocumentKind, subjects: Sequence[str]) -> Iterator[None]:
    """Read what the documents of a kind are about, for as long as the block lasts."""
    numbers = (
        set(subjects) if kind in _BY_ORDER else _lines(session, subjects) if kind is DocumentKind.HANDOVER else set()
    )
    if len(numbers) < 2:
        yield
        return
    shipments = session.scalars(select(Shipment).where(among(session, Shipment.order_number, numbers))).all()
    codes = {one.dossier_code for one in shipments}
    kept: list[object] = [  # for as long as they are held, looking one up asks the database no more
        *shipments,
        *session.scalars(select(Dossier).where(among(session, Dossier.code, codes))),
        *session.scalars(select(PostalOrder).where(among(session, PostalOrder.dossier_code, codes))),
        *session.scalars(select(PickupSlip).where(among(session, PickupSlip.order_number, numbers))),
    ]
    with batched(session, {Dossier: codes, Shipment: [one.order_number for one in shipments]}):
        yield
    del kept


def _lines(session: Session, subjects: Sequence[str]) -> set[str]:
    ids = [int(one) for one in subjects if one.isascii() and one.isdigit() and len(one) < 10]
    query = select(HandoverLine.order_number).where(among(session, HandoverLine.handover_id, ids))
    return set(session.scalars(query))
