"""What is sent about a procedure's list of papers, and by the postman who counts by it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from dispatch.checklist_choice import ListSource
from dispatch.forms import Instant, Money, PaperForm, ShortText, Text


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChecklistItemForm(_Form):
    """One paper that the procedure asks for."""

    name: Text
    originals: int = 0
    copies: int = 0
    required: bool = True


class ChecklistForm(_Form):
    """``PUT /v1/procedures/{code}/checklist``: one edition, as it was published. A version is never changed."""

    source: ListSource
    version: ShortText
    valid_from: date
    items: Annotated[list[ChecklistItemForm], Field(min_length=1, max_length=100)]


class Decision(StrEnum):
    """What the citizen decides when papers are missing: they go as they are, or the postman comes again."""

    SEND_ANYWAY = "send_anyway"
    WAIT = "wait"


class PickupRecordForm(_Form):
    """``POST /v1/shipments/{order_number}/pickup-record``: the slip (phiếu gửi hồ sơ), signed by both sides.

    ``missing`` names papers as the checklist does. ``decision`` is the citizen's, needed where something is missing.
    ``next_pickup`` is the day on which the postman comes again after ``wait``; without it, the next working day.
    Decision 45/2016/QĐ-TTg Art. 6(2)-(6).
    """

    counted: Annotated[list[PaperForm], Field(max_length=100)]
    missing: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)
    decision: Decision | None = None
    postman: Text
    postman_signed_at: Instant
    citizen: Text
    citizen_signed_at: Instant
    seal_number: ShortText | None = None
    fee_vnd: Money = 0
    fee_receipt: ShortText | None = None
    next_pickup: date | None = None
