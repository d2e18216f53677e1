"""From a dossier as iGate shows it to what it says in our own interface's form. Pure, for any JSON value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carriers.reading import nests_deeper, text
from dispatch.contacts import InvalidContact, check_id_number, normalise_name, parse_phone
from dispatch.forms import DossierEventForm, DossierForm
from dispatch.onestop.contract import NotADossierError, Statement
from dispatch.onestop.igate import reading
from dispatch.onestop.igate.checking import CORRECT_IT, checked
from dispatch.onestop.igate.happenings import DOSSIER, events_of
from dispatch.onestop.igate.ordering import order_of
from dispatch.onestop.igate.settings import IgateSettings, Listed
from dispatch.papers import InvalidPapers, Paper, check_papers

_ORIGINAL, _COPY = "bản chính", "bản sao"


def understand(raw: Any, settings: IgateSettings, source_system: str) -> tuple[Statement, ...]:
    """Translate what was kept of a dossier: itself, what has happened to it, and what is ordered of the post.

    Raises:
        NotADossierError: it cannot be used; the message says why and what to do.
    """
    if nests_deeper(raw):
        raise NotADossierError("it is nested deeper than any dossier is")
    document = raw.get(DOSSIER) if isinstance(raw, dict) else None
    if not isinstance(document, dict):
        raise NotADossierError("there is no dossier in it")
    code = text(document.get("code"))
    if not code:
        raise NotADossierError(f"code is missing; {CORRECT_IT}")
    kind, meaning = reading.kind_of(document, settings), reading.status_of(document, settings)
    said = [_dossier(document, code, settings, source_system)]
    said += [_event(code, body) for body in events_of(raw, document, meaning, settings)]
    return (*said, *order_of(document, code, kind, meaning, settings))


def _dossier(document: Mapping[str, Any], code: str, settings: IgateSettings, source_system: str) -> Statement:
    filed = reading.moment(document, "appliedDate")
    if filed is None:
        raise NotADossierError(f"appliedDate is missing; {CORRECT_IT}")
    number = reading.first_text(document, "procedure.code")
    body = {
        "source_system": source_system,
        "due_date_owner": settings.due_date_owner,
        "procedure": {
            "code": number,
            "name": reading.name_of(document.get("procedure")) or number,
            "time_limit": reading.time_limit(document, settings),
            "postal_submission": _listed(number, settings.postal_submission),
            "postal_return": _listed(number, settings.postal_return),
        },
        "agency": _agency(document),
        "applicant": _applicant(document),
        "papers": _papers(document, settings),
        "fee_vnd": _fee(document, settings),
        "filed_at": filed.isoformat(),
    }
    checked(DossierForm, body)
    return Statement("dossier", f"{code}:dossier", code, body)


def _listed(procedure: str, listed: Listed) -> bool:
    return listed == "all" or procedure in listed


def _agency(document: Mapping[str, Any]) -> dict[str, Any]:
    code = reading.first_text(document, "agency.code", "agency.parent.code", "agency.id")
    name = reading.name_of(document.get("agency")) or reading.name_of(reading.at_path(document, "agency.parent"))
    return {"code": code, "name": name or code}


def _applicant(document: Mapping[str, Any]) -> dict[str, Any]:
    written = "applicant.data"
    name = reading.first_text(document, f"{written}.ownerFullname", f"{written}.fullname")
    phone = reading.first_text(document, f"{written}.phoneNumber")
    try:
        person = {"name": normalise_name(name), "phone": parse_phone(phone).e164}
    except InvalidContact as error:
        raise NotADossierError(
            f"applicant's {error.field}: {error.reason} {error.next_step} Then {CORRECT_IT}"
        ) from error
    more = {
        "id_number": _id_number(reading.first_text(document, f"{written}.identityNumber")),
        "email": reading.first_text(document, f"{written}.email")[:300] or None,
    }
    return {**person, **{key: value for key, value in more.items() if value}}


def _id_number(written: str) -> str | None:
    """Return the number of a Vietnamese identity card; another document's is kept with the dossier as it came."""
    try:
        return check_id_number(written)
    except InvalidContact:
        return None


def _papers(document: Mapping[str, Any], settings: IgateSettings) -> list[dict[str, Any]]:
    forms = document.get("dossierFormFile")
    listed = [_paper(one) for one in forms if isinstance(one, dict)] if isinstance(forms, list) else []
    if not listed and settings.unlisted_papers is not None:
        listed = [Paper(settings.unlisted_papers, 1, 0)]
    try:
        papers = check_papers(listed)
    except InvalidPapers as error:
        hint = "" if listed else " Or name options.unlisted_papers, where the installation never lists them."
        raise NotADossierError(f"{error.field}: {error.reason} {error.next_step}{hint} Then {CORRECT_IT}") from error
    return [{"name": one.name, "originals": one.originals, "copies": one.copies} for one in papers]


def _paper(line: Mapping[str, Any]) -> Paper:
    name = reading.name_of(line.get("procedureForm"))
    pieces = reading.at_path(line, "detail.quantity")
    number = pieces if isinstance(pieces, int) and not isinstance(pieces, bool) else 0
    kind = reading.folded(reading.name_of(reading.at_path(line, "detail.type")))
    if kind not in (_ORIGINAL, _COPY):
        raise NotADossierError(f"paper '{name}' is neither 'Bản chính' nor 'Bản sao'; {CORRECT_IT}")
    return Paper(name, number, 0) if kind == _ORIGINAL else Paper(name, 0, number)


def _fee(document: Mapping[str, Any], settings: IgateSettings) -> int:
    lines = document.get("dossierFee") or []
    total = 0
    for line in lines if isinstance(lines, list) else [lines]:
        amount = line.get(settings.fee_field) if isinstance(line, dict) else None
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= 1_000_000_000:
            raise NotADossierError(
                f"a line of dossierFee has no amount '{settings.fee_field}'; say in options.fee_field where it stands"
            )
        total += int(amount)
    return total


def _event(code: str, body: dict[str, Any]) -> Statement:
    checked(DossierEventForm, body)
    return Statement("event", f"{code}:{body['event_id']}", code, body)
