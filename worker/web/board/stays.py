"""What the desk has to know about a result that waits at the counter, before it is handed out or sent again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dispatch import custody
from dispatch.dossiers import Dossier
from dispatch.papers import Paper, describe_papers
from dispatch.shipment_queries import current_shipment, get_shipment
from dispatch.shipments import Leg, Shipment
from tracking.counter_facts import CounterWait, open_wait
from tracking.result_standing import standing_of
from tracking.undeliverable import Standing
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.entry import dossier_to_change


def note_read(runtime: Runtime, staff: Staff, dossier: Dossier) -> None:
    """Note that somebody is shown whom a dossier concerns; not while reading, which would need a second connection."""
    read = {"subject": dossier.code, "agency": dossier.agency_code, "details": {"personal_data": True}}
    audit.note_now(runtime.context.database, staff.actor, "dossier.read", **read)


@dataclass(frozen=True, slots=True)
class Stay:
    """A dossier, and its result's stay at the counter.

    Attributes:
        wait: None where nothing of it waits there.
        newest: the newest order that was to bring the result to its citizen.
        standing: why it is back.
        papers: what the agency has of the dossier, as a record counts it: all of it goes along.
    """

    dossier: Dossier
    wait: CounterWait | None
    newest: Shipment | None
    standing: Standing | None
    papers: list[str]

    @property
    def goes_out(self) -> Shipment | None:
        """The order by which the post is to fetch it once more."""
        return self.newest if self.newest is not None and self.newest.live else None


def stay_to_end(session: Session, runtime: Runtime, staff: Staff, permission: Permission, code: str) -> Stay:
    """Return the stay of a dossier's result for somebody who may end it; it names people (:func:`note_read`).

    Raises:
        Problem: there is no such dossier, it is not theirs, or they may not.
    """
    dossier = dossier_to_change(session, runtime, staff, permission, code)
    wait = open_wait(session, code)
    back = get_shipment(session, wait.order_number) if wait is not None else None
    held = custody.held_by(session, code, custody.agency(dossier.agency_code))
    return Stay(
        dossier=dossier,
        wait=wait,
        newest=current_shipment(session, code, Leg.RETURN),
        standing=standing_of(session, runtime.context, runtime.office, back) if back is not None else None,
        papers=[describe_papers([Paper(p.name, p.originals, p.copies)]) for p in held],
    )
