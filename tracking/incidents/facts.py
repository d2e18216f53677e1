"""What can be said of an incident, each as a fact; the same models are the bodies of the HTTP interface. Pure.

``fact_id`` is the sender's own: the same id with the same content is the same fact. ``by`` is who says so.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from dispatch.forms import Instant, Reference, Text
from dispatch.parties import Party

Amount = Annotated[int, Field(gt=0, le=1_000_000_000)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class IncidentKind(StrEnum):
    """What has gone wrong. ``OPENED``: somebody has opened the package. ``SLIP_LOST``: the appointment slip is gone."""

    MISSING = "missing"
    DISCREPANCY = "discrepancy"
    TORN = "torn"
    WET = "wet"
    LOST = "lost"
    STRAYED = "strayed"
    WRONG_RECIPIENT = "wrong_recipient"
    OPENED = "opened"
    SLIP_LOST = "slip_lost"


LOSSES = frozenset({IncidentKind.MISSING, IncidentKind.LOST, IncidentKind.STRAYED, IncidentKind.WRONG_RECIPIENT})
"""Papers that are not where they belong; the others are there, and not as they should be."""

GONE = frozenset({IncidentKind.LOST, IncidentKind.STRAYED})
"""Nobody knows where the papers are, so nobody can work on the dossier (Decision 45/2016/QĐ-TTg Art. 14)."""

EVIDENCE = "evidence-"
"""How the ids of the facts about files begin; the SHA-256 follows, so that they are found without the data key."""

FOUND_BY_OPERATOR = "operator-found-"
"""How the ids of those finds begin that follow from a journey; the journey moves the clock itself."""


class FactForm(BaseModel):
    """What every fact says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fact_id: Reference
    at: Instant
    by: Text


class Opened(FactForm):
    """It was noticed. ``owner`` is who looks after it until somebody else is named."""

    type: Literal["opened"] = "opened"
    kind: IncidentKind
    what: Text
    owner: Text


class Evidence(FactForm):
    """A file was added; ``shows`` says what it proves."""

    type: Literal["evidence"] = "evidence"
    sha256: Digest
    size: int
    media_type: Text
    shows: Literal["acceptance", "damage", "count", "other"]
    caption: Text | None = None


class Inventory(FactForm):
    """A torn package was inventoried before witnesses and wrapped again (Circular 17/2017/TT-BTTTT Art. 11(2))."""

    type: Literal["inventory"] = "inventory"
    found_inside: Annotated[list[Text], Field(min_length=1, max_length=100)]
    wrapped_again: bool
    witness: Text


class OwnerAssigned(FactForm):
    """Somebody else looks after it from now on."""

    type: Literal["owner_assigned"] = "owner_assigned"
    owner: Text


class Cost(FactForm):
    """What somebody had to pay because of it; whoever is at fault owes it to them, once a finding has named them.

    ``party_at_fault`` is for a cost that is another party's than the finding's.
    """

    type: Literal["cost"] = "cost"
    what: Text
    amount_vnd: Amount
    borne_by: Party
    party_at_fault: Party | None = None


class ComplaintFiled(FactForm):
    """A written complaint was filed with the post."""

    type: Literal["complaint_filed"] = "complaint_filed"
    what: Text


class ComplaintAnswered(FactForm):
    """The post has answered the complaint in writing."""

    type: Literal["complaint_answered"] = "complaint_answered"
    what: Text


class Finding(FactForm):
    """The written finding: who is at fault. It is made once.

    Attributes:
        document: its number.
        charge_vnd: the postage that was paid, on which the least compensation depends.
        acceptance_proof: the slip or record by which the post accepted the papers, unless it is among the evidence.
        compensation_vnd: what is awarded to the citizen; the least that the law allows where it is left out.
    """

    type: Literal["finding"] = "finding"
    document: Text
    party_at_fault: Party
    charge_vnd: Amount | None = None
    acceptance_proof: Text | None = None
    compensation_vnd: Amount | None = None


class CompensationPaid(FactForm):
    """Money was paid for the loss or for its costs; ``document`` is the receipt."""

    type: Literal["compensation_paid"] = "compensation_paid"
    amount_vnd: Amount
    to: Party = Party.CITIZEN
    payer: Party = Party.POST
    document: Text


class CompensationWaived(FactForm):
    """Whom it is owed asks for it no more."""

    type: Literal["compensation_waived"] = "compensation_waived"
    amount_vnd: Amount
    creditor: Party = Party.CITIZEN
    debtor: Party = Party.POST
    reason: Text


class RefundCounted(FactForm):
    """What had been paid back of the charge counts towards the compensation (Decree 47/2011/NĐ-CP Art. 25).

    Nobody reports it: it follows from the finding and the books.
    """

    type: Literal["refund_counted"] = "refund_counted"
    amount_vnd: Amount


class ReissueStep(BaseModel):
    """One step of the plan: which papers are issued again, and who applies for them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: Reference
    papers: Annotated[list[Text], Field(min_length=1, max_length=100)]
    applicant: Party
    note: Text | None = None


class ReissuePlanned(FactForm):
    """Steps were added to the plan by which lost papers are issued again."""

    type: Literal["reissue_planned"] = "reissue_planned"
    steps: Annotated[list[ReissueStep], Field(min_length=1, max_length=100)]


class ReissueDone(FactForm):
    """A step of the plan is done. ``held_by`` is who has the new papers: where it is left out, a result's agency.

    The citizen has the others; the agency, if they were brought there at once.
    """

    type: Literal["reissue_done"] = "reissue_done"
    step: Reference
    held_by: Literal[Party.CITIZEN, Party.AGENCY] | None = None


class Found(FactForm):
    """The papers have turned up; ``found`` is false where that turned out to be a mistake."""

    type: Literal["found"] = "found"
    found: bool = True
    what: Text


class Resolved(FactForm):
    """How it ended."""

    type: Literal["resolved"] = "resolved"
    resolution: Text


class Closed(FactForm):
    """Nothing is left to do."""

    type: Literal["closed"] = "closed"


Reportable = (
    Inventory
    | OwnerAssigned
    | Cost
    | ComplaintFiled
    | ComplaintAnswered
    | Finding
    | CompensationPaid
    | CompensationWaived
    | ReissuePlanned
    | ReissueDone
    | Found
    | Resolved
    | Closed
)
"""What people report; the opening and the evidence have doors of their own."""

Said = Opened | Evidence | RefundCounted | Reportable
"""Every fact."""

Fact = Annotated[Said, Field(discriminator="type")]

FACT: TypeAdapter[Said] = TypeAdapter(Fact)
