"""What people ask of the system when something goes wrong, through the functions that answer its HTTP interface."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from fastapi import Response
from pydantic import TypeAdapter

from dispatch.change_forms import CounterPickupForm, SecondSendingForm
from dispatch.checklist_forms import PickupRecordForm
from dispatch.money.forms import PaymentForm, RemittanceForm
from dispatch.parcels import ParcelForm
from dispatch.recipients import DeliveryRecordForm
from dispatch.transfers import TransferForm
from tracking.apologies.forms import ApologySignatureForm
from tracking.incidents.forms import FactBody
from tracking.wrong_delivery import ReversalForm
from worker.access.roles import Scope
from worker.runtime import Runtime
from worker.simulation.requests import CLIENT, OFFICER, POSTMAN
from worker.web import apologies, deliveries, incidents, money, parcels, pickups, returns
from worker.web.answers import OrderAnswer
from worker.web.apology_answers import ApologyAnswer, ApologyList
from worker.web.incident_answers import (
    DeliveryRecordAnswer,
    IncidentAnswer,
    IncidentList,
    IncidentView,
    ReversalAnswer,
)
from worker.web.money_answers import MoneyAnswer, MoneyFactAnswer, RemittanceAnswer
from worker.web.parcels import ParcelAnswer
from worker.web.pickups import SlipAnswer
from worker.web.return_answers import CounterPickupAnswer

EVERYWHERE = Scope(everywhere=True)
_FACT: TypeAdapter[Any] = TypeAdapter(FactBody)


def letters() -> Callable[[Runtime], ApologyList]:
    """``GET /v1/apologies?open=true``."""
    return lambda runtime: apologies.apologies(runtime, EVERYWHERE, open=True, dossier=None, after=None, limit=100)


def sign_letter(letter: int, at: datetime) -> Callable[[Runtime], ApologyAnswer]:
    """``POST /v1/apologies/{id}/sign``."""
    form = ApologySignatureForm(officer=OFFICER, title="Phó Giám đốc", signed_at=at)
    return lambda runtime: apologies.sign_letter(letter, form, runtime, CLIENT)


def open_incidents() -> Callable[[Runtime], IncidentList]:
    """``GET /v1/incidents?open=true``."""
    return lambda runtime: incidents.show_all(runtime, EVERYWHERE, open_ones=True)


def incident(id: str) -> Callable[[Runtime], IncidentView]:
    """``GET /v1/incidents/{id}``."""
    return lambda runtime: incidents.show(id, runtime, CLIENT)


def incident_fact(incident: str, kind: str, at: datetime, **more: Any) -> Callable[[Runtime], IncidentAnswer]:
    """``POST /v1/incidents/{id}/facts``."""
    said = {"type": kind, "fact_id": f"{kind}-{at:%y%m%d%H%M}", "at": at, "by": OFFICER, **more}
    form = _FACT.validate_python(said)
    return lambda runtime: incidents.add_fact(incident, form, runtime, CLIENT)


def slip(number: str, at: datetime, papers: list[dict[str, Any]]) -> Callable[[Runtime], SlipAnswer]:
    """``POST /v1/shipments/{order_number}/pickup-record``: everything is there."""
    form = PickupRecordForm.model_validate(
        {
            "counted": papers,
            "postman": POSTMAN,
            "postman_signed_at": at,
            "citizen": "Bế Đức Hiếu",
            "citizen_signed_at": at,
        }
    )
    return lambda runtime: pickups.record_pickup(number, form, runtime, CLIENT)


def door_record(number: str, at: datetime, *, shown: bool) -> Callable[[Runtime], DeliveryRecordAnswer]:
    """``POST /v1/shipments/{order_number}/delivery-record``, with an identity paper or without."""
    form = DeliveryRecordForm.model_validate(
        {
            "record_id": f"door-{at:%y%m%d%H%M%S}",
            "at": at,
            "postman": POSTMAN,
            "receiver": "Bế Đức Hiếu",
            "relation": "recipient",
            "identity": {"paper": "cccd", "last_digits": "9013"} if shown else None,
            "signed": True,
        }
    )
    return lambda runtime: deliveries.record(number, form, runtime, CLIENT)


def reverse(number: str, at: datetime) -> Callable[[Runtime], ReversalAnswer]:
    """``POST /v1/shipments/{order_number}/reversal``: the postman has the papers back."""
    form = ReversalForm(
        reversal_id=f"reversal-{number}", at=at, officer=OFFICER, reason="phát nhầm người", papers_with="post"
    )
    return lambda runtime: deliveries.reverse(number, form, runtime, CLIENT)


def take_at_counter(code: str, at: datetime) -> Callable[[Runtime], CounterPickupAnswer]:
    """``POST /v1/dossiers/{code}/counter-pickup`` by the applicant."""
    receiver = {"name": "Bế Đức Hiếu", "id_kind": "cccd", "id_last": "9013", "authorisation": "Giấy ủy quyền 01"}
    form = CounterPickupForm.model_validate({"at": at, "officer": OFFICER, "receiver": receiver})
    return lambda runtime: returns.counter_pickup(code, form, runtime, CLIENT)


def send_again(code: str, key: str) -> Callable[[Runtime], OrderAnswer]:
    """``POST /v1/dossiers/{code}/second-sending`` at the citizen's cost."""
    said = {"payer": "citizen", "reason": "công dân vắng nhà hai lần", "officer": OFFICER}
    form = SecondSendingForm.model_validate(said)
    return lambda runtime: returns.second_sending(code, form, runtime, CLIENT, key, Response())


def books(code: str) -> Callable[[Runtime], MoneyAnswer]:
    """``GET /v1/dossiers/{code}/money``."""
    return lambda runtime: money.books(code, runtime, CLIENT)


def remit(agency: str, number: str, amount: int, on: date) -> Callable[[Runtime], RemittanceAnswer]:
    """``POST /v1/remittances``: the agency has got what was collected with an order."""
    said = {
        "agency": agency,
        "reference": f"PT-{number}-{amount}",
        "received_on": on,
        "amount_vnd": amount,
        "officer": OFFICER,
        "lines": [{"order": number, "amount_vnd": amount}],
    }
    form = RemittanceForm.model_validate(said)
    return lambda runtime: money.remittance(form, runtime, CLIENT, Response())


def pay(code: str, at: datetime, amount: int, **more: Any) -> Callable[[Runtime], MoneyFactAnswer]:
    """``POST /v1/dossiers/{code}/payments``."""
    said = {"payment_id": f"p-{at:%y%m%d%H%M}-{amount}", "amount_vnd": amount, "at": at, "told_by": OFFICER, **more}
    form = PaymentForm.model_validate({"proof": f"biên lai {at:%d%m}", **said})
    return lambda runtime: money.payment(code, form, runtime, CLIENT)


def transfer(code: str, agency: str, other: str, key: str) -> Callable[[Runtime], OrderAnswer]:
    """``POST /v1/orders/transfer``: all papers of a dossier go from one agency to another."""
    ends = {"from_agency": {"code": agency, "name": agency}, "to_agency": {"code": other, "name": other}}
    form = TransferForm.model_validate({"dossier": code, **ends, "reason": "liên thông thuế"})
    return lambda runtime: parcels.transfer(form, runtime, CLIENT, key, Response())


def put_together(codes: list[str], leg: str) -> Callable[[Runtime], ParcelAnswer]:
    """``POST /v1/parcels``: the dossiers of one citizen in one order."""
    form = ParcelForm.model_validate({"dossiers": codes, "leg": leg})
    return lambda runtime: parcels.parcel(form, runtime, CLIENT)
