"""Everything about a dossier that its own citizen is shown, in one reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from config.accounts import Accounts
from dispatch import custody
from dispatch.context import Context
from dispatch.dossiers import Dossier, PaperKind, get_dossier
from dispatch.money.fees import left_to_collect
from dispatch.money.kinds import FeeRoute
from dispatch.money.postage import paid, terms_of
from dispatch.orders import PostalOrder
from dispatch.parties import Party
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import Leg, Shipment
from tracking.citizen import words
from tracking.citizen.choices import Choices, choices_of
from tracking.citizen.coming import Coming, coming
from tracking.citizen.progress import Progress, judge, newest_by_leg, signs_of
from tracking.citizen.story import Entry, story_of
from tracking.clock_facts import ledger_of
from tracking.counter_facts import open_wait
from tracking.deadlines.clock import ClockState
from tracking.deadlines.explain import explain_ledger
from tracking.deadlines.ledger import Ledger
from tracking.deadlines.terms import Term, Unit
from tracking.deadlines.wording import Text, same, term_text
from tracking.office import Office
from tracking.telling.told import Told, told


@dataclass(frozen=True, slots=True)
class WherePaper:
    """A paper and who has it. ``is_result``: it is what the agency hands out."""

    name: str
    originals: int
    copies: int
    is_result: bool
    holder: Text
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """The expected day. ``reasons`` say in order how it came about; ``elsewhere``: another system tells the date."""

    due: datetime | None
    original: datetime | None
    state: ClockState
    limit: Text
    elsewhere: bool
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Postage:
    """What the carriage of one leg costs; ``vnd`` is None where the operator tells no price beforehand."""

    leg: Leg
    vnd: int | None
    paid_vnd: int
    payer: Party


@dataclass(frozen=True, slots=True)
class Money:
    """``fee_left_vnd`` is what is left to pay of the agency's fee; ``route`` how, where the citizen has chosen."""

    fee_vnd: int
    fee_left_vnd: int
    route: FeeRoute | None
    postage: tuple[Postage, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """A dossier as its citizen sees it. ``contact`` is whom to ask; ``kept_until`` how long the counter keeps it."""

    code: str
    agency: str
    procedure: str
    progress: Progress
    coming: Coming
    due: Due
    papers: tuple[WherePaper, ...]
    story: tuple[Entry, ...]
    money: Money
    messages: tuple[Told, ...]
    choices: Choices
    contact: str
    waybills: Mapping[Leg, str]
    kept_until: date | None


def overview(session: Session, context: Context, office: Office, code: str) -> Overview:
    """Return what the citizen of a dossier is shown.

    Raises:
        Problem: the dossier is unknown.
    """
    dossier = get_dossier(session, code)
    ledger, shipments = ledger_of(session, office, dossier), shipments_of(session, code)
    newest = newest_by_leg(shipments)
    progress = judge(signs_of(session, ledger, shipments))
    wait = open_wait(session, code)
    return Overview(
        code=code,
        agency=dossier.agency_name,
        procedure=dossier.procedure_name,
        progress=progress,
        coming=coming(dossier, ledger, progress, newest, office),
        due=_due(dossier, ledger, office),
        papers=tuple(_where(holding, dossier) for holding in custody.holdings(session, code)),
        story=tuple(story_of(session, office, dossier, ledger)),
        money=_money(session, dossier, list(newest.values())),
        messages=tuple(sorted(told(session, code), key=lambda one: one.at, reverse=True)),
        choices=choices_of(session, context, dossier, ledger, shipments),
        contact=contact_of(context.accounts, dossier.agency_code),
        waybills={leg: one.waybill for leg, one in newest.items() if one.waybill and one.live},
        kept_until=wait.keep_until if wait else None,
    )


def contact_of(accounts: Accounts, agency: str | None = None) -> str:
    """Return whom to ask (Decision 45/2016/QĐ-TTg Art. 13(7)): the agency's desk, or the province's."""
    if accounts.citizen_channels is not None:
        return accounts.citizen_channels.contact
    desks = [one for one in accounts.carrier_accounts if one.agency in (agency, None)]
    nearest = sorted(desks, key=lambda one: one.agency is None)
    return nearest[0].desk.phone if nearest else ""


def _due(dossier: Dossier, ledger: Ledger, office: Office) -> Due:
    ours = dossier.due_date_owner == "us"
    lines = explain_ledger(ledger, office.calendars, office.rules) if ours else []
    return Due(
        due=ledger.current_due if ours else None,
        original=ledger.original_due if ours else None,
        state=ledger.state,
        limit=term_text(Term(dossier.term_amount, Unit(dossier.term_unit))),
        elsewhere=not ours,
        reasons=tuple(Text(line["text_vi"], line["text_en"]) for line in lines),
    )


def _where(holding: custody.Holding, dossier: Dossier) -> WherePaper:
    paper = holding.paper
    is_result = paper.kind is PaperKind.RESULT
    return WherePaper(paper.name, paper.originals, paper.copies, is_result, _holder(holding, dossier), holding.since)


def _holder(holding: custody.Holding, dossier: Dossier) -> Text:
    if holding.holder == custody.CITIZEN:
        return words.WITH_YOU
    if holding.holder == custody.STRANGER:
        return words.WITH_A_STRANGER
    if holding.holder == custody.agency(dossier.agency_code):
        return words.WITH_AGENCY.filled(agency=same(dossier.agency_name))
    return words.WITH_ANOTHER_AGENCY if custody.is_agency(holding.holder) else words.WITH_POST


def _money(session: Session, dossier: Dossier, newest: Sequence[Shipment]) -> Money:
    carried = [one for one in newest if one.leg is not Leg.TRANSFER and (one.live or one.collected_at is not None)]
    order = session.get(PostalOrder, carried[-1].order_id) if carried else None
    return Money(
        fee_vnd=dossier.fee_vnd,
        fee_left_vnd=left_to_collect(session, dossier),
        route=order.fee_route if order else None,
        postage=tuple(_postage(session, one) for one in sorted(carried, key=lambda one: one.leg is Leg.RETURN)),
    )


def _postage(session: Session, shipment: Shipment) -> Postage:
    terms = terms_of(session, shipment)
    return Postage(shipment.leg, terms.payable_vnd if terms else None, paid(session, shipment), shipment.payer)
