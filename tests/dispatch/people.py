"""A province's accounts, and what a citizen, an officer and a postman do, without the world around them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.accounts import Accounts, CarrierAccount, Desk, OneStopSystem
from config.database import Database
from dispatch.dossiers import Dossier, put_dossier
from dispatch.forms import DossierForm, OrderForm
from dispatch.orders import PostalOrder, place_order
from dispatch.problems import Problem
from dispatch.shipments import BookingState, Shipment, refresh_state
from tests.support.desk import ACCOUNT, CARRIER, CODE, dossier_body, order_body, signing_secret

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DESK = Desk(phone="02063852136", address="Trung tâm Phục vụ hành chính công", province_code="04")


def account(**fields: Any) -> CarrierAccount:
    """Return the provincial default at VNPost; ``fields`` replace its own."""
    customer = f"C-{fields.get('id', ACCOUNT)}"
    return CarrierAccount(**{"id": ACCOUNT, "carrier": CARRIER, "customer_code": customer, "desk": DESK, **fields})


ACCOUNTS = Accounts(
    carrier_accounts=(account(),),
    onestops=(
        OneStopSystem(
            id="igate",
            source_systems=("igate",),
            callback_url="http://127.0.0.1:1/callbacks",
            signing_secret=SecretStr(signing_secret("c")),
        ),
    ),
)


def register(session: Session, code: str = CODE, **more: Any) -> Dossier:
    """Register a dossier."""
    dossier, _ = put_dossier(session, code, DossierForm.model_validate(dossier_body(**more)), NOW)
    return dossier


def allowing(*, submission: bool, collection: bool) -> dict[str, Any]:
    """Return a procedure that the authority has put on these of the two published lists."""
    return {**dossier_body()["procedure"], "postal_submission": submission, "postal_return": collection}


def place(
    session: Session, service: str = "both", *, ready: bool = False, **more: Any
) -> tuple[PostalOrder, list[Shipment]]:
    """Place an order for a dossier."""
    form = OrderForm.model_validate(order_body(service, **more))
    return place_order(session, ACCOUNTS, form, result_is_ready=ready, now=NOW)


def refusal(problem: pytest.ExceptionInfo[Problem]) -> tuple[str, int]:
    """Return kind and status of a refusal, after a look at whether it says what to do next in both languages."""
    assert problem.value.next_step
    assert problem.value.next_step_vi
    return problem.value.kind, problem.value.status


def has_moved(shipment: Shipment, state: ShipmentState) -> None:
    """Let the operator have booked the shipment and reported it in ``state``."""
    shipment.booking, shipment.journey = BookingState.BOOKED, state.value
    refresh_state(shipment, NOW)


def two_at_once(database: Database, act: Callable[[Session], str]) -> list[str]:
    """Let two people do the same thing, the second while the first's transaction is still open; returns what they got.

    A refusal counts by its kind.
    """
    said: list[str] = []
    begun = threading.Event()

    def follow() -> None:
        begun.set()
        try:
            with database.write() as session:
                said.append(act(session))
        except Problem as problem:
            said.append(problem.kind)

    second = threading.Thread(target=follow)
    with database.write() as session:
        said.append(act(session))
        second.start()
        begun.wait()
        time.sleep(0.2)  # long enough to run into what the first has locked, or into its absence
    second.join()
    return said
