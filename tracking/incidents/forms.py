"""What the HTTP interface takes about incidents; the facts themselves are in :mod:`tracking.incidents.facts`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dispatch.forms import Code, Instant, Reference, Text
from tracking.incidents.facts import IncidentKind, Reportable

FactBody = Annotated[Reportable, Field(discriminator="type")]


class IncidentForm(BaseModel):
    """``POST /v1/incidents``: something went wrong with papers of a dossier.

    Attributes:
        report_id: the sender's own; the same report again is the same incident.
        order_number: the shipment that it concerns, where it is one.
        by: who noticed it, such as the postman or the officer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    report_id: Reference
    dossier: Code
    order_number: Text | None = None
    kind: IncidentKind
    what: Text
    at: Instant
    by: Text


class EvidenceForm(BaseModel):
    """What is said of a file that is uploaded; all of it is in the query, as the body is the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: Instant
    by: Text
    shows: Literal["acceptance", "damage", "count", "other"] = "other"
    caption: Text | None = None
