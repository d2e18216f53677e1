"""One statement of a one-stop system takes its effect, by the same functions as when it is sent over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.accounts import OneStopSystem
from config.errors import briefly
from dispatch.change_forms import NewAddressForm
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.forms import Code, DossierEventForm, DossierForm, OrderForm, Service
from dispatch.onestop.contract import Statement
from dispatch.orders import PostalOrder
from dispatch.problems import Problem
from tracking import citizen_orders, registering
from tracking.dossier_events import take_event, was_told
from tracking.office import Office
from tracking.onestop_statements import Outcome, Word

Form = TypeVar("Form", bound=BaseModel)

_CODE: TypeAdapter[str] = TypeAdapter(Code)
_NOT_HERE_YET = "unknown-dossier"


@dataclass(frozen=True, slots=True)
class Case:
    """What statements are applied with."""

    session: Session
    context: Context
    office: Office
    system: OneStopSystem

    @property
    def now(self) -> datetime:
        return self.context.clock.now()


def apply_statement(case: Case, statement: Statement) -> Outcome:
    """Apply a statement in the caller's transaction; a refusal is an outcome and leaves nothing behind."""
    doing = _DOINGS.get(statement.kind)
    try:
        if doing is None:
            raise _not_understood(f"'{statement.kind}' is none of {', '.join(_DOINGS)}.")
        _check_code(statement.code)
        with case.session.begin_nested():
            return doing(case, statement)
    except Problem as problem:
        return refusal(problem)


def refusal(problem: Problem) -> Outcome:
    """Return the outcome that a problem is; what is not here yet is waited for."""
    word = Word.AWAITS if problem.kind == _NOT_HERE_YET else Word.REFUSED
    return Outcome(word, problem.title, problem.detail, problem.next_step, problem.next_step_vi)


def _dossier(case: Case, said: Statement) -> Outcome:
    form = _form(DossierForm, said.body)
    _refuse_foreign(case, said.code, form.source_system)
    known = case.session.get(Dossier, said.code)
    if known is not None:
        _refuse_foreign(case, said.code, known.source_system)
    revision = known.revision if known is not None else 0
    dossier, _ = registering.register(case.session, case.context.accounts, said.code, form, case.now)
    return Outcome(Word.APPLIED if dossier.revision > revision else Word.REPEATED)


def _event(case: Case, said: Statement) -> Outcome:
    form = _form(DossierEventForm, said.body)
    _of_ours(case, said.code)
    told_before = was_told(case.session, said.code, form.event_id, case.system.id)
    applied = take_event(case.session, case.context, case.office, said.code, form, case.system.id)
    if told_before or applied.contradiction is None:
        return Outcome(Word.REPEATED if told_before else Word.APPLIED)
    return Outcome(
        Word.CONTRADICTS,
        "The event contradicts the others",
        f"'{form.type}' of {form.at.isoformat()} does not fit what is known: {applied.contradiction}.",
        "It is kept and moves no date; if an earlier event was wrong, report 'corrected'.",
        "Sự kiện được lưu nhưng không đổi ngày hẹn trả; nếu sự kiện trước sai, gửi sự kiện đính chính.",
    )


def _order(case: Case, said: Statement) -> Outcome:
    form = _form(OrderForm, {"dossier": said.code, **said.body})
    if form.dossier != said.code:
        raise _not_understood(f"The order is for dossier '{form.dossier}', and its statement about '{said.code}'.")
    _of_ours(case, said.code)
    citizen_orders.place(case.session, case.context, case.office, form, case.system.id, said.key)
    return Outcome(Word.APPLIED)


def _address(case: Case, said: Statement) -> Outcome:
    order_id, body = _order_in(case, said)
    citizen_orders.readdress(case.session, case.context, order_id, _form(NewAddressForm, body))
    return Outcome(Word.APPLIED)


def _cancel(case: Case, said: Statement) -> Outcome:
    order_id, body = _order_in(case, said)
    if body:
        raise _not_understood(f"A cancellation takes no {', '.join(sorted(body))}.")
    citizen_orders.cancel(case.session, case.context, order_id)
    return Outcome(Word.APPLIED)


_DOINGS: dict[str, Callable[[Case, Statement], Outcome]] = {
    "dossier": _dossier,
    "event": _event,
    "order": _order,
    "address": _address,
    "cancel": _cancel,
}


def _order_in(case: Case, said: Statement) -> tuple[str, dict[str, Any]]:
    """Return the id of the order that is meant, the newest where none is named, and the rest of the body.

    Raises:
        Problem: the dossier or the order is not known, or belongs to another.
    """
    _of_ours(case, said.code)
    rest = dict(said.body)
    wanted = rest.pop("order", None)
    query = select(PostalOrder.id).where(PostalOrder.dossier_code == said.code, PostalOrder.service != Service.TRANSFER)
    if wanted is not None:
        query = query.where(PostalOrder.id == str(wanted))
    found = case.session.scalar(query.order_by(PostalOrder.placed_at.desc()).limit(1))
    if found is None:
        raise _no_order(said.code, wanted)
    return found, rest


def _of_ours(case: Case, code: str) -> None:
    _refuse_foreign(case, code, get_dossier(case.session, code, lock=True).source_system)


def _refuse_foreign(case: Case, code: str, source_system: str) -> None:
    """Else whoever may speak for its own dossiers could change those of another system."""
    system = case.system
    if source_system not in system.source_systems:
        raise Problem(
            "dossier-of-another-system",
            "The dossier belongs to another system",
            f"Dossier {code} is of source system '{source_system}'; one-stop '{system.id}' speaks for "
            f"{', '.join(system.source_systems) or 'none'}.",
            f"Correct source_system, or add '{source_system}' to the source_systems of '{system.id}'.",
            next_step_vi="Kiểm tra hệ thống nguồn của hồ sơ, hoặc khai báo hệ thống nguồn này trong cấu hình.",
            status=403,
        )


def _form(model: type[Form], body: dict[str, Any]) -> Form:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise _not_understood(briefly(error)) from error


def _check_code(code: str) -> None:
    try:
        _CODE.validate_python(code)
    except ValidationError as error:
        raise _not_understood(f"'{code[:80]}' is no dossier code.") from error


def _not_understood(detail: str) -> Problem:
    return Problem(
        "statement-not-understood",
        "The statement cannot be understood",
        detail,
        "Correct what is named and send it again under an id of its own.",
        next_step_vi="Sửa lại nội dung được nêu và gửi lại với mã thông điệp mới.",
    )


def _no_order(code: str, wanted: object) -> Problem:
    named = f" '{wanted}'" if wanted is not None else ""
    return Problem(
        "no-such-order",
        "There is no such order",
        f"Dossier {code} has no postal order{named}.",
        "Check dossier and order. What was meant for an order that is yet to come is sent again after it.",
        next_step_vi="Kiểm tra lại mã hồ sơ và mã đơn; nếu đơn được gửi đến sau, hãy gửi lại yêu cầu này sau đơn đó.",
        status=404,
    )
