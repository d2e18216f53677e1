"""How a dossier stands: what a system is told that keeps states and not news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """How far the agency has come with it."""

    FILED = "filed"
    ACCEPTED = "accepted"
    SUPPLEMENT = "supplement"
    SUSPENDED = "suspended"
    PAYMENT = "payment"
    WITHDRAWN = "withdrawn"
    FINISHED = "finished"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Supplement:
    """A request for more papers. ``due_before``, ``due_after``: the due date as it was and as it became; None: none.

    There is none before the clock has started, and none where the source system sets it.
    """

    asked_at: datetime
    reason: str
    completed_at: datetime | None
    due_before: datetime | None
    due_after: datetime | None


class Hands(StrEnum):
    """Who did something on the way."""

    CITIZEN = "citizen"
    AGENCY = "agency"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened on the way.

    Attributes:
        what: in Vietnamese; follows from the fact alone, so that a fact says the same however often it is told.
        stage: how far the dossier was with it; ``due``: the due date by then, as it is known now; None: none.
    """

    at: datetime
    what: str
    by: Hands
    stage: Stage
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A dossier as it stands now.

    Attributes:
        revision: of the due date; 0 where none was ever told.
        finished_at: when the result was ready; ``returned_at``: when it reached the citizen.
        due: None while there is none, and where the source system sets it.
        sent_by_post, returned_by_post: the papers came or come by post; the result goes by post.
        id_number: of the applicant, as it was given.
        owner: whose due date counts, ``us`` or ``source``.
        filed_through: ``counter`` or ``online``; None where nobody has told.
    """

    code: str
    stage: Stage
    source_system: str
    owner: str
    procedure_code: str
    procedure_name: str
    agency_code: str
    agency_name: str
    applicant_name: str
    applicant_phone: str
    applicant_email: str | None
    id_number: str | None
    fee_vnd: int
    filed_at: datetime
    accepted_at: datetime | None
    due: datetime | None
    revision: int
    finished_at: datetime | None
    returned_at: datetime | None
    sent_by_post: bool
    returned_by_post: bool
    supplements: tuple[Supplement, ...] = ()
    steps: tuple[Step, ...] = ()
    filed_through: str | None = None
