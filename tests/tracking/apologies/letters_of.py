"""The letters of a dossier, as the watch and its officers deal with them."""

from __future__ import annotations

from typing import Any

from tests.tracking.case import Case
from tests.tracking.deadlines.story import at
from tracking.apologies import keeping, signing
from tracking.apologies.forms import ApologySignatureForm, DismissalForm
from tracking.apologies.rows import Apology, apologies_of


def round_of_the_watch(case: Case) -> int:
    return keeping.sweep(case.desk.context, case.desk.office)


def letters(case: Case) -> list[Apology]:
    with case.desk.read() as session:
        return apologies_of(session, case.code)


def drafted(case: Case) -> list[tuple[str, str, str]]:
    """Let the watch make a round, and return promise, failing and state of every letter."""
    round_of_the_watch(case)
    return [(one.promise.replace(case.code, ""), one.failing.value, one.state.value) for one in letters(case)]


def sign(case: Case, when: str, *, place: int = 0, recorded: str | None = None, **more: Any) -> Apology:
    """Sign the letter that was drafted first, or another; ``recorded`` is when it is entered, if later."""
    letter = letters(case)[place]
    case.now(recorded or when)
    body = {"officer": "Hà Thị Mai", "title": "Phó Giám đốc", "signed_at": at(when), **more}
    form = ApologySignatureForm.model_validate(body)
    with case.desk.context.database.write() as session:
        return signing.sign(session, case.desk.context, case.desk.office, letter.id, form, "one-stop")


def dismiss(case: Case, when: str, reason: str = "bão số 3, đường bị chia cắt", place: int = 0) -> Apology:
    letter = letters(case)[place]
    case.now(when)
    form = DismissalForm(officer="Hà Thị Mai", reason=reason)
    with case.desk.context.database.write() as session:
        return signing.dismiss(session, case.desk.context, case.desk.office, letter.id, form)


def missing(case: Case) -> list[str]:
    """Return the broken promises of the dossier that have no letter."""
    with case.desk.read() as session:
        found = keeping.broken_promises_without_apology(session, case.desk.office, case.desk.clock.now())
    return [one for one in found if one.startswith(case.code)]
