"""What a postman, an authority and a citizen do with lists and slips, for the stories of :mod:`tests.tracking`."""

from __future__ import annotations

from datetime import date
from typing import Any

from dispatch import booking
from dispatch.checklist_forms import ChecklistForm, PickupRecordForm
from dispatch.checklists import publish
from dispatch.pickup_slips import PickupSlip
from tests.tracking.case import Case
from tracking.pickups import take_slip

FORM = {"name": "Tờ khai", "originals": 1, "copies": 0}
CARD = {"name": "Giấy tờ tùy thân", "originals": 0, "copies": 1}


def published(
    case: Case, *names: str, source: str = "portal", version: str = "p1", valid_from: str = "2026-01-01"
) -> None:
    """The authority publishes a list for the dossier's procedure: each paper once, as an original."""
    items = [{**paper, "required": True} for paper in (FORM, CARD) if paper["name"] in names]
    items += [{"name": name, "originals": 1} for name in names if name not in (FORM["name"], CARD["name"])]
    form = {"source": source, "version": version, "valid_from": date.fromisoformat(valid_from), "items": items}
    with case.desk.context.database.write() as session:
        publish(
            session, case.dossier().procedure_code, ChecklistForm.model_validate(form), "portal", case.desk.clock.now()
        )


def booked(case: Case, service: str = "send") -> None:
    """The citizen orders, and the operator holds the order."""
    case.order(service)
    booking.drain(case.desk.context)


def slip(case: Case, when: str, *counted: dict[str, Any], number: str | None = None, **more: Any) -> PickupSlip:
    """Postman and citizen sign a slip at ``when``."""
    moment = case.now(when)
    body = {
        "counted": list(counted),
        "postman": "Nông Văn Páo",
        "postman_signed_at": moment,
        "citizen": "Bế Đức Hiếu",
        "citizen_signed_at": moment,
        **more,
    }
    desk = case.desk
    with desk.context.database.write() as session:
        form = PickupRecordForm.model_validate(body)
        return take_slip(session, desk.context, desk.office, number or case.s1, form)
