"""What others send us, as they send it: the bodies of the HTTP interface.

Shape and type are checked here; meaning (does the commune exist, may this procedure go by post, is the leg alive) is
checked where the meaning lives. Unknown fields are refused, so that a misspelt one is noticed and not ignored.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from dispatch.money.kinds import FeeRoute

# No control characters: PostgreSQL stores no NUL, and nothing of this may break a slip or a message to a citizen.
_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"


def _clock_time(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a clock time of the office has no time zone; write 15:00")
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=_PRINTABLE)]
ShortText = Annotated[Text, StringConstraints(max_length=60)]
Reference = Annotated[Text, StringConstraints(max_length=100)]
Instant = Annotated[AwareDatetime, Field(ge=datetime(1950, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]
ClockTime = Annotated[time, AfterValidator(_clock_time)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,59}$")]
CarrierName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Money = Annotated[int, Field(ge=0, le=1_000_000_000)]


def _is_unsaid(value: object) -> bool:
    """What was signed before a field was known must still be the same when it is sent again."""
    return value is None


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TimeLimit(_Form):
    """How long the procedure may take."""

    amount: Annotated[int, Field(gt=0, le=2000)]
    unit: Literal["working_days", "working_hours", "calendar_days", "same_day"]


class ProcedureForm(_Form):
    """The administrative procedure and what the authority has published about the post for it.

    ``postal_submission`` and ``postal_return`` come from the published lists (Decision 45/2016/QĐ-TTg Art. 1(2),
    18(1)).
    """

    code: ShortText
    name: Text
    time_limit: TimeLimit
    postal_submission: bool
    postal_return: bool
    cutoff: ClockTime | None = None


class AgencyForm(_Form):
    """The agency whose one-stop desk takes the dossier."""

    code: Code
    name: Text


class ApplicantForm(_Form):
    """The citizen."""

    name: Text
    phone: Text
    id_number: Text | None = None
    email: Text | None = None


class PaperForm(_Form):
    """One line of the list of papers; originals and copies are counted apart (Circular 17/2017/TT-BTTTT Art. 5)."""

    name: Text
    originals: int = 0
    copies: int = 0


class AddressForm(_Form):
    """An address as the citizen wrote it, and which of the two address systems it uses, if known."""

    text: Text
    era: Literal["new2", "legacy3"] | None = None


class DossierForm(_Form):
    """``PUT /v1/dossiers/{code}``. ``due_date_owner`` says whose due date counts: ours, or a ministry's system's.

    ``filed_through``: how the dossier was filed where its papers do not come by post; reports count by it (Decree
    61/2018/NĐ-CP Art. 16), and one filed online counts from its official acceptance.
    """

    source_system: Code
    due_date_owner: Literal["us", "source"] = "us"
    procedure: ProcedureForm
    agency: AgencyForm
    applicant: ApplicantForm
    papers: list[PaperForm]
    fee_vnd: Money = 0
    filed_at: Instant
    filed_through: Literal["counter", "online"] | None = None


class Service(StrEnum):
    """The three services of Decision 45/2016/QĐ-TTg Art. 5, and what an agency orders by Art. 16(2)."""

    SEND = "send"
    RECEIVE = "receive"
    BOTH = "both"
    TRANSFER = "transfer"


CitizensService = Literal[Service.SEND, Service.RECEIVE, Service.BOTH]


class RecipientForm(_Form):
    """Who sends or receives, when it is not the applicant."""

    name: Text
    phone: Text


class PickupForm(_Form):
    """When the postman should come (Decision 45/2016/QĐ-TTg Art. 6(1)): a day and one of the windows of the quote."""

    on: date
    opens: ClockTime
    closes: ClockTime


class OrderForm(_Form):
    """``POST /v1/orders``. ``fee_route``: how the agency's fee is paid (Decision 45/2016/QĐ-TTg Art. 6(6), 11).

    ``fee_by_post`` is the older way of saying ``by_post``. ``postage_group`` claims less postage, and
    ``postage_group_proof`` names the paper that shows it. ``pickup`` is for papers that are fetched from the citizen.
    """

    dossier: Code
    service: CitizensService
    address: AddressForm
    contact: RecipientForm | None = None
    carrier: CarrierName | None = None
    fee_by_post: bool = False
    fee_route: FeeRoute | None = None
    postage_group: ShortText | None = None
    postage_group_proof: Text | None = None
    pickup: PickupForm | None = None


class QuoteForm(_Form):
    """``POST /v1/quotes``: what the post would charge, before the citizen decides (Decision 45 Art. 12(2)).

    With a ``dossier`` its fee is shown beside the postage; ``postage_group`` as in :class:`OrderForm`.
    """

    agency: Code
    service: CitizensService
    address: AddressForm
    weight_g: Annotated[int, Field(gt=0, le=31_500)] = 200
    carrier: CarrierName | None = None
    dossier: Code | None = None
    fee_route: FeeRoute = FeeRoute.DIRECT
    postage_group: ShortText | None = None


class EventKind(StrEnum):
    """What a one-stop system tells us of a dossier."""

    ACCEPTED = "accepted"
    SUPPLEMENT_REQUESTED = "supplement_requested"
    SUPPLEMENT_COMPLETED = "supplement_completed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    RESULT_READY = "result_ready"
    EXTENDED = "extended"
    WITHDRAWN = "withdrawn"
    PAPERS_DAMAGED = "papers_damaged"
    PAPERS_RESTORED = "papers_restored"
    CORRECTED = "corrected"


class DossierEventForm(_Form):
    """``POST /v1/dossiers/{code}/events``. ``event_id`` is the sender's own; the same id is taken once.

    ``new_due`` (a day, or an instant on it) and ``reason`` are needed for ``extended``; ``reason`` for
    ``supplement_requested``, ``suspended`` and ``papers_damaged``, which says that nobody can work on lost or damaged
    papers until they are found or made again (``papers_restored``);
    ``result_papers`` lists what is handed out with ``result_ready``. ``voids`` is needed for ``corrected``: the id of
    the event, or the number of the handover record, that was reported wrongly and is struck out.

    ``ground`` = ``financial_duty``: the clock stands still until a payment is made. ``suspended`` then brings the first
    appointment, for the notice of payment, as ``new_due``; ``resumed`` may bring the second, for the result.
    """

    event_id: Reference
    type: EventKind
    at: Instant
    officer: Text
    reason: Text | None = None
    new_due: date | Instant | None = None
    result_papers: list[PaperForm] = Field(default_factory=list)
    voids: Text | None = None
    ground: Literal["financial_duty"] | None = None

    def as_kept(self) -> str:
        """Return the event as it is kept and compared; a ground that is not given was no part of it once."""
        return self.model_dump_json(exclude={"ground"} if self.ground is None else None)


class Direction(StrEnum):
    """Which way papers change hands at the agency's counter."""

    TO_AGENCY = "to_agency"
    TO_POST = "to_post"


class HandoverForm(_Form):
    """``POST /v1/handovers``: a record to be signed; ``orders`` are the order numbers counted together.

    ``sealed``: uniform results that the agency has packed and sealed itself; they are counted as parcels.
    """

    agency: Code
    carrier: CarrierName
    direction: Direction
    orders: Annotated[list[Text], Field(min_length=1, max_length=500)]
    sealed: bool = False


class LineVerdictForm(_Form):
    """One line of the record, as both sides counted it. A rejected line says what is missing.

    ``discrepancy`` says how the count differs from the slip; the line may be accepted with it or rejected for it, and
    an incident is opened (Decision 45/2016/QĐ-TTg Art. 7(2)). It is left out of what is signed where there is none.
    ``seal_intact`` and ``checklist_version``, the one by which the officer counted, tell who pays for a rejected line.
    """

    order: Text
    accepted: bool
    reason: Text | None = None
    missing_papers: list[Text] = Field(default_factory=list)
    discrepancy: Text | None = Field(default=None, exclude_if=_is_unsaid)
    seal_intact: bool | None = Field(default=None, exclude_if=_is_unsaid)
    checklist_version: ShortText | None = Field(default=None, exclude_if=_is_unsaid)


class SignatureForm(_Form):
    """``POST /v1/handovers/{id}/sign``: both signatures; ``signed_at`` is the moment of valid submission.

    Decision 45/2016/QĐ-TTg Art. 7(2)-(4).
    """

    signed_at: Instant
    officer: Text
    postman: Text
    lines: Annotated[list[LineVerdictForm], Field(min_length=1, max_length=500)]
