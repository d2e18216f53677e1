"""Routes about money: the books of a dossier, what a person saw paid, what the agency has got from the post."""

from __future__ import annotations

from fastapi import APIRouter, Response

from dispatch.dossiers import get_dossier
from dispatch.money.books import books_of
from dispatch.money.forms import PaymentForm, RemittanceForm
from dispatch.money.payments import take_payment
from dispatch.money.remittances import confirm_remittance
from worker.web.auth import ClientDep
from worker.web.deps import RuntimeDep
from worker.web.dossiers import CodePath
from worker.web.money_answers import MoneyAnswer, MoneyFactAnswer, RemittanceAnswer

router = APIRouter(prefix="/v1", tags=["money"])


@router.get("/dossiers/{code}/money")
def books(code: CodePath, runtime: RuntimeDep, _client: ClientDep) -> MoneyAnswer:
    """What happened to the money of a dossier, the double entries that follow, and who owes whom what since when."""
    with runtime.context.database.read() as session:
        return MoneyAnswer.of(code, books_of(session, code))


@router.post("/dossiers/{code}/payments", status_code=201)
def payment(code: CodePath, form: PaymentForm, runtime: RuntimeDep, client: ClientDep) -> MoneyFactAnswer:
    """Tell what was paid (or waived) otherwise than by the operator's reports. The same id again is one payment."""
    with runtime.context.database.write() as session:
        dossier = get_dossier(session, code, lock=True)
        return MoneyFactAnswer.of(take_payment(session, dossier, form, client, runtime.context.clock.now()))


@router.post("/remittances", status_code=201)
def remittance(form: RemittanceForm, runtime: RuntimeDep, _client: ClientDep, response: Response) -> RemittanceAnswer:
    """Confirm that collected fees have come from the post. The same receipt again changes nothing."""
    with runtime.context.database.write() as session:
        receipt, lines, new = confirm_remittance(session, form, runtime.context.clock.now())
        response.status_code = 201 if new else 200
        return RemittanceAnswer.of(receipt, lines)
