"""Dossiers as the one-stop registered them, with the papers that belong to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, load_only, mapped_column

from config.batch import RowsOf, among
from config.database import Base, EncryptedText, UtcDateTime, keyring
from dispatch.contacts import InvalidContact, check_id_number, normalise_name, parse_phone
from dispatch.forms import DossierForm, PaperForm
from dispatch.papers import InvalidPapers, Paper, check_papers
from dispatch.problems import Problem, refused, unknown_dossier

_CLOCK_SKEW = timedelta(minutes=5)


class Dossier(Base):
    """One administrative dossier. Whom it concerns is encrypted; ``phone_index`` finds it by an exact phone number."""

    __tablename__ = "dossier"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    source_system: Mapped[str] = mapped_column(String(60))
    due_date_owner: Mapped[str] = mapped_column(String(10))
    procedure_code: Mapped[str] = mapped_column(String(60))
    procedure_name: Mapped[str] = mapped_column(String(300))
    term_amount: Mapped[int]
    term_unit: Mapped[str] = mapped_column(String(20))
    cutoff: Mapped[time | None]
    postal_submission: Mapped[bool]
    postal_return: Mapped[bool]
    agency_code: Mapped[str] = mapped_column(String(60), index=True)
    agency_name: Mapped[str] = mapped_column(String(300))
    applicant_name: Mapped[str] = mapped_column(EncryptedText)
    applicant_phone: Mapped[str] = mapped_column(EncryptedText)
    applicant_id_number: Mapped[str | None] = mapped_column(EncryptedText)
    applicant_email: Mapped[str | None] = mapped_column(EncryptedText)
    phone_index: Mapped[str] = mapped_column(String(64), index=True)
    fee_vnd: Mapped[int]
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    filed_through: Mapped[str | None] = mapped_column(String(10))
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revision: Mapped[int]


class PaperKind(StrEnum):
    """Papers the citizen hands in, and papers the agency hands out."""

    SUBMITTED = "submitted"
    RESULT = "result"


class DossierPaper(Base):
    """One line of a dossier's list of papers; who holds it now is told by :mod:`dispatch.custody`."""

    __tablename__ = "dossier_paper"
    __table_args__ = (UniqueConstraint("dossier_code", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), index=True)
    kind: Mapped[PaperKind]
    name: Mapped[str] = mapped_column(String(300))
    originals: Mapped[int]
    copies: Mapped[int]


def put_dossier(session: Session, code: str, form: DossierForm, now: datetime) -> tuple[Dossier, bool]:
    """Register a dossier, or bring the registered one up to date; tells whether it is new.

    The same form again changes nothing and keeps the revision. The list of papers is fixed at the first registration:
    what the postman counts must not change under his hands (Decision 45/2016/QĐ-TTg Art. 6(2), 16(5)(b)).

    Raises:
        Problem: a name, phone number, id number or the list of papers cannot be used.
    """
    if form.filed_at > now + _CLOCK_SKEW:
        raise Problem(
            "filed-in-future",
            "The dossier has not been filed yet",
            f"filed_at {form.filed_at.isoformat()} lies in the future.",
            "Send the moment of filing, with its zone.",
            next_step_vi="Gửi đúng thời điểm nộp hồ sơ, kèm múi giờ.",
        )
    values = _checked(form)
    dossier = session.get(Dossier, code)
    if dossier is None:
        papers = papers_of(form.papers)
        dossier = Dossier(code=code, registered_at=now, revision=1, **values)
        session.add(dossier)
        session.flush()
        add_papers(session, code, PaperKind.SUBMITTED, papers)
        return dossier, True
    changed = {name: value for name, value in values.items() if getattr(dossier, name) != value}
    for name, value in changed.items():
        setattr(dossier, name, value)
    dossier.revision += bool(changed)
    return dossier, False


def get_dossier(session: Session, code: str, *, lock: bool = False) -> Dossier:
    """Return the dossier; ``lock`` keeps others from deciding about it until the transaction ends.

    Raises:
        Problem: it is not registered.
    """
    # Rows that refer to the dossier may still be written: "no key update" conflicts with deciders alone.
    dossier = session.get(Dossier, code, with_for_update={"key_share": True} if lock else None)
    if dossier is None:
        raise unknown_dossier(code)
    return dossier


@contextmanager
def preloaded(session: Session, codes: Collection[str]) -> Iterator[None]:
    """Fetch dossiers in one query, for as long as the block lasts; :func:`get_dossier` then asks the database no more.

    What they say of the applicant is fetched only where it is asked for.
    """
    lean = load_only(Dossier.agency_code, Dossier.agency_name, Dossier.source_system)
    kept = list(session.scalars(select(Dossier).where(Dossier.code.in_(set(codes))).options(lean)))
    yield
    del kept


def papers_of(forms: list[PaperForm]) -> tuple[Paper, ...]:
    """Check a list of papers as it came in.

    Raises:
        Problem: the list is empty, or a line cannot be counted.
    """
    try:
        return check_papers([Paper(form.name, form.originals, form.copies) for form in forms])
    except InvalidPapers as refusal:
        raise refused("paper-list", refusal) from refusal


def add_papers(session: Session, code: str, kind: PaperKind, papers: tuple[Paper, ...]) -> list[DossierPaper]:
    """Put papers on the dossier's list and return their rows; a paper already listed is not listed twice."""
    listed = {row.name for row in list_papers(session, code) if row.kind == kind}
    rows = [
        DossierPaper(dossier_code=code, kind=kind, name=paper.name, originals=paper.originals, copies=paper.copies)
        for paper in papers
        if paper.name not in listed
    ]
    session.add_all(rows)
    session.flush()
    for row in rows:
        _PAPERS.add(session, code, row)
    return rows


def list_papers(session: Session, code: str) -> list[DossierPaper]:
    """Return all papers of a dossier in the order in which they were listed."""
    return _PAPERS.of(session, code)


def _read_papers(session: Session, codes: Collection[str]) -> Iterable[tuple[str, DossierPaper]]:
    query = select(DossierPaper).where(among(session, DossierPaper.dossier_code, codes)).order_by(DossierPaper.id)
    return ((paper.dossier_code, paper) for paper in session.scalars(query))


_PAPERS = RowsOf(Dossier, _read_papers)


def _checked(form: DossierForm) -> dict[str, object]:
    try:
        phone = parse_phone(form.applicant.phone)
        name = normalise_name(form.applicant.name)
        id_number = form.applicant.id_number and check_id_number(form.applicant.id_number)
    except InvalidContact as refusal:
        raise refused("contact", refusal) from refusal
    return {
        "source_system": form.source_system,
        "due_date_owner": form.due_date_owner,
        "procedure_code": form.procedure.code,
        "procedure_name": form.procedure.name,
        "term_amount": form.procedure.time_limit.amount,
        "term_unit": form.procedure.time_limit.unit,
        "cutoff": form.procedure.cutoff,
        "postal_submission": form.procedure.postal_submission,
        "postal_return": form.procedure.postal_return,
        "agency_code": form.agency.code,
        "agency_name": form.agency.name,
        "applicant_name": name,
        "applicant_phone": phone.e164,
        "applicant_id_number": id_number,
        "applicant_email": form.applicant.email,
        "phone_index": keyring.blind_index(phone.e164),
        "fee_vnd": form.fee_vnd,
        "filed_at": form.filed_at,
        "filed_through": form.filed_through,
    }
