"""What the pages of the board have in common: who looks, what is in the frame, and how an action ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from carriers import registry
from config.accounts import Accounts
from config.errors import ConfigurationError
from dispatch.dossiers import Dossier
from dispatch.problems import Problem, unknown_order
from dispatch.shipments import Shipment
from worker.access import sessions
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web import cookies
from worker.web.board import words
from worker.web.board.lookout import Lookout
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import render
from worker.web.staff import LogInNeededError, check, dossier_for, require

Form = TypeVar("Form", bound=BaseModel)

_AMOUNT = re.compile(r"[0-9]{1,20}|[0-9]{1,3}([.,\s])[0-9]{3}(\1[0-9]{3}){0,5}")
"""Whole đồng, thousands parted all in one way or not at all."""


def _lookout(request: Request) -> Lookout:
    lookout: Lookout = request.app.state.lookout
    return lookout


LookoutDep = Annotated[Lookout, Depends(_lookout)]


def onlooker(request: Request, runtime: RuntimeDep) -> Staff:
    """Return whose page asks by itself; that nobody has used it meanwhile still ends the session in time.

    Raises:
        LogInNeededError: the session is over.
        Problem: they may not see what needs a hand.
    """
    settings = runtime.context.settings
    with runtime.context.database.read() as session:
        staff = sessions.whose(session, cookies.token_of(request, settings), sessions.Limits.of(settings))
    if staff is None or staff.must_change:
        raise LogInNeededError
    check(runtime, staff, Permission.SEE_ATTENTION)
    return staff


OnlookerDep = Annotated[Staff, Depends(onlooker)]
AttentionStaff = Annotated[Staff, Depends(require(Permission.SEE_ATTENTION))]
ShipmentStaff = Annotated[Staff, Depends(require(Permission.SEE_SHIPMENTS))]
DossierStaff = Annotated[Staff, Depends(require(Permission.READ_DOSSIERS))]
MoneyStaff = Annotated[Staff, Depends(require(Permission.SEE_MONEY))]
HandoverStaff = Annotated[Staff, Depends(require(Permission.SIGN_HANDOVERS))]
FigureStaff = Annotated[Staff, Depends(require(Permission.SEE_FIGURES))]


def page(
    request: Request, staff: Staff, template: str, *, here: str = "", status: int = 200, **values: Any
) -> HTMLResponse:
    """Fill a template of the board; ``here`` is the entry of the navigation to which it belongs."""
    done = words.OUTCOMES.get(request.query_params.get("done", ""))
    return render(
        request, f"board/{template}", status, staff=staff, may=Permission, here=here, done=done, words=words, **values
    )


def back_to(path: str, done: str, **query: str) -> RedirectResponse:
    """Lead to the page that says what came of an action, so that loading it again does nothing again."""
    path, hash_, anchor = path.partition("#")
    return RedirectResponse(f"{path}?{urlencode({**query, 'done': done})}{hash_}{anchor}", 303)


def with_query(request: Request, **changed: str | None) -> str:
    """Return the address of the same list with some of its query changed; what is empty is left out."""
    kept = {name: value for name, value in request.query_params.items() if name != "done"}
    query = {**kept, **changed}
    return f"?{urlencode({name: value for name, value in query.items() if value})}"


async def _filled(request: Request) -> FormData:
    return await request.form()


FilledDep = Annotated[FormData, Depends(_filled)]
"""Everything that was filled in, where a form's fields are not known before."""


def shipment_for(session: Session, staff: Staff, permission: Permission, number: str) -> tuple[Shipment, Dossier]:
    """Return an order at whose agency ``staff`` may do something; another agency's is answered as an unknown one.

    Raises:
        Problem: there is none, or it is not theirs.
    """
    shipment = session.get(Shipment, number)
    dossier = session.get_one(Dossier, shipment.dossier_code) if shipment is not None else None
    if shipment is None or dossier is None or not staff.may(permission, dossier.agency_code):
        raise unknown_order(number)
    return shipment, dossier


def shipment_to_change(
    session: Session, runtime: Runtime, staff: Staff, permission: Permission, number: str
) -> tuple[Shipment, Dossier]:
    """Return an order that ``staff`` may change; who may see it and no more is told so.

    Raises:
        Problem: there is none, it is not theirs, or they may not.
    """
    shipment, dossier = shipment_for(session, staff, Permission.SEE_SHIPMENTS, number)
    check(runtime, staff, permission, dossier.agency_code)
    return shipment, dossier


def dossier_to_change(session: Session, runtime: Runtime, staff: Staff, permission: Permission, code: str) -> Dossier:
    """Return a dossier about which ``staff`` may do something; who may read it and no more is told so.

    Raises:
        Problem: there is none, it is not theirs, or they may not.
    """
    dossier = dossier_for(session, staff, Permission.READ_DOSSIERS, code)
    check(runtime, staff, permission, dossier.agency_code)
    return dossier


def filled_in(form: type[Form], values: Mapping[str, Any]) -> Form:
    """Read what somebody filled in; fields that were left empty are left out.

    Raises:
        Problem: it does not fit; ``fields`` are those that do not, each with the kind of its error.
    """
    given = {name: value for name, value in values.items() if value not in ("", None)}
    try:
        return form.model_validate(given)
    except ValidationError as error:
        fields = {".".join(str(part) for part in one["loc"]): one["type"] for one in error.errors()}
        wrong = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
        raise Problem(
            "invalid-request",
            "The form does not fit",
            "; ".join(wrong[:10]),
            "Correct what is named and send it again; what was written is still there.",
            next_step_vi="Sửa các mục chưa đúng rồi gửi lại; nội dung đã nhập vẫn còn.",
            fields=fields,
        ) from error


def digits(amount: str) -> str:
    """Return an amount as a program writes it; people part thousands by points, commas or spaces.

    What is parted otherwise is given back as what no form takes: ``50.000,00`` may mean fifty thousand and is read as
    five million by whoever only leaves the points out.
    """
    bare = amount.strip().rstrip("đ₫").rstrip()
    if not bare or _AMOUNT.fullmatch(bare):
        return "".join(one for one in bare if one.isdecimal())
    return "?"


def operators_called(names: Iterable[str]) -> dict[str, str]:
    """Return what operators are called; one whose package is gone keeps its name in the rows."""
    called = {}
    for name in set(names):
        try:
            called[name] = registry.describe(name).title
        except ConfigurationError:
            called[name] = name
    return called


def operators_for(accounts: Accounts, agency: str) -> dict[str, str]:
    """Return what the operators are called with which an agency can send, by their names in the configuration."""
    names = {one.carrier for one in accounts.carrier_accounts}
    called = operators_called(name for name in names if accounts.carrier_account(name, agency) is not None)
    return dict(sorted(called.items(), key=lambda one: one[1]))
