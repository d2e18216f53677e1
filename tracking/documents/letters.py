"""Documents that need to know where a promise stands: apology, undeliverable notice, and the slip's transit time."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from config.clock import local
from dispatch.citizens import Citizen
from dispatch.contacts import mask_phone
from dispatch.context import Context
from dispatch.documents.contents import Bilingual, LetterContent, NoticeContent, Person
from dispatch.documents.document import Document, written
from dispatch.documents.kinds import DocumentKind, Validity
from dispatch.documents.parcels import Promise, carrier_title
from dispatch.dossiers import Dossier, get_dossier
from dispatch.problems import Problem
from dispatch.riders import carrier_of
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Leg, Shipment
from tracking.apologies import refusals
from tracking.apologies.letters import paragraphs
from tracking.apologies.rows import facts_of
from tracking.apologies.signing import get_apology, letter_text
from tracking.apologies.standing import Doing, State
from tracking.deadlines.rules import Rule, RuleId
from tracking.effects import journey_of
from tracking.office import Office
from tracking.result_standing import standing_of
from tracking.telling.kinds import kinds
from tracking.undeliverable import Stage, Standing

_RIGHTS = (
    *(RuleId.COMPLAINT_WINDOW, RuleId.COMPLAINT_ANSWER),
    *(RuleId.COMPENSATION_MINIMUM, RuleId.COMPENSATION_TERM, RuleId.COMPENSATION_REISSUE),
)
"""What has to stand on a slip of rights and liability (Circular 17/2017/TT-BTTTT Art. 9)."""

_INVITED = frozenset({Stage.INVITED_ONCE, Stage.INVITED_TWICE})
_BACK = frozenset({Stage.HANDED_BACK, Stage.WAITING_AT_COUNTER})


def promise(office: Office, shipment: Shipment) -> Promise:
    """Return the transit time of a shipment and what follows when it is not kept, by the rules of its day."""
    on = local(shipment.collected_at or shipment.created_at).date()
    rule = office.rules.at(RuleId.TRANSIT, on)
    days = rule.number(shipment.zone)
    by = written(shipment.transit_due)
    vi, en = f"J+{days} ngày làm việc kể từ ngày nhận gửi", f"J+{days} working days from acceptance"
    if by:
        vi, en = f"{vi}, chậm nhất ngày {by}", f"{en}, by {by}"
    return Promise(Bilingual(vi, en, rule.legal_source), tuple(_said(office.rules.at(right, on)) for right in _RIGHTS))


def apology(session: Session, office: Office, subject: str) -> Document:
    """Gather a letter by its id: as it was signed, or the draft.

    Raises:
        Problem: there is none, or it is owed no longer.
    """
    letter = get_apology(session, int(subject) if subject.isascii() and subject.isdigit() and len(subject) < 10 else 0)
    signed = any(fact.doing is Doing.SIGNED for fact in facts_of(session, letter))
    if not signed and letter.state is not State.DRAFT:
        raise refusals.not_owed(letter.number)
    vi, en = paragraphs(letter_text(session, office, letter))
    agency = get_dossier(session, letter.dossier_code).agency_code
    validity = Validity.SIGNED if signed else Validity.DRAFT
    return Document.of(DocumentKind.APOLOGY, str(letter.id), agency, validity, LetterContent(vi, en))


def undeliverable(session: Session, context: Context, office: Office, order_number: str, lookup: str) -> Document:
    """Gather the notice of a result that could not be delivered.

    Raises:
        Problem: there is no such order, or its result is not undeliverable (any more).
    """
    shipment = get_shipment(session, order_number)
    standing = standing_of(session, context, office, shipment) if shipment.leg is Leg.RETURN else None
    if standing is None or standing.stage is Stage.COLLECTED:
        raise _not_undeliverable(shipment)
    dossier, citizen = get_dossier(session, shipment.dossier_code), Citizen.from_text(shipment.citizen)
    attempts = [(written(one.at), _reason(one.reason)) for one in journey_of(session, shipment).attempts]
    content = NoticeContent(
        order_number=order_number,
        waybill=carrier_of(session, shipment).waybill or "",
        dossier=dossier.code,
        agency=dossier.agency_name,
        carrier=carrier_title(shipment.carrier),
        receiver=Person(citizen.name, citizen.address, mask_phone(citizen.phone)),
        attempts=tuple(attempts),
        what=tuple(_what(standing, dossier, len(attempts))),
        legal_source=office.rules.at(RuleId.INVITATION, local(standing.since).date()).legal_source,
        lookup=lookup,
        qr=order_number,
    )
    return Document.of(DocumentKind.UNDELIVERABLE, order_number, dossier.agency_code, Validity.PLAIN, content)


def _what(standing: Standing, dossier: Dossier, attempts: int) -> Iterator[Bilingual]:
    """What the citizen was told of it, word for word, and the days that follow from the law."""
    told = "invitation" if standing.stage in _INVITED else "result_back" if standing.stage in _BACK else None
    filled = {"code": dossier.code, "agency": dossier.agency_name, "attempt": attempts}
    if told is not None:
        yield Bilingual(kinds()[told].vi.format_map(filled), kinds()[told].en.format_map(filled))
    if standing.stage is Stage.GOING_BACK:
        yield _words("going_back", **filled)
    if standing.reason is not None and standing.stage not in _BACK:
        yield _words("at_once", **filled)
    if standing.second_invitation_from is not None:
        yield _words("second_from", day=written(standing.second_invitation_from))
    if standing.stage in (Stage.INVITED_TWICE, Stage.MAY_GO_BACK) and standing.may_go_back_on is not None:
        yield _words("goes_back", day=written(standing.may_go_back_on), **filled)


def _said(rule: Rule) -> Bilingual:
    return Bilingual(rule.text_vi, rule.text_en, rule.legal_source)


def _reason(reason: str | None) -> Bilingual:
    known = _texts()["reasons"]
    text = known.get(reason or "", known["untold"])
    return Bilingual(text["vi"], text["en"])


def _words(name: str, **values: object) -> Bilingual:
    text = _texts()["what"][name]
    return Bilingual(text["vi"].format_map(values), text["en"].format_map(values))


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def _not_undeliverable(shipment: Shipment) -> Problem:
    return Problem(
        "not-undeliverable",
        "There is no undeliverable result",
        f"Order {shipment.order_number} is '{shipment.state}': no delivery of a result has failed, or it has been "
        "delivered or collected since.",
        "Name the order of a result whose delivery has failed; its dossier shows where it stands.",
        next_step_vi="Chọn đơn trả kết quả có lần phát không thành công; xem tình trạng trong hồ sơ.",
        next_step_api="Name the order of a result whose delivery has failed, as GET /v1/dossiers/{code} shows it.",
        status=409,
    )
