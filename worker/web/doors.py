"""The doors of ``/v1``: what each needs of a client, what its requests name, and what the audit trail is told.

A door that is not in this list is shut for clients that have a scope, so a new one cannot be forgotten
(:mod:`worker.web.gate`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.access.reach import Kind
from worker.access.roles import Permission

_P, _K = Permission, Kind


@dataclass(frozen=True, slots=True)
class Door:
    """One route.

    Attributes:
        needs: what the client must be allowed to do.
        body: where in the body or the query something is named, and what; ``lines.order`` leads into lists.
        documents: names documents, as ``kind`` and ``subject`` or ``subjects``.
        reads: how the audit trail calls it where personal data is read.
        changes: how it calls it where something of a dossier's or a citizen's is changed.
        everywhere: about no single agency, so that only a client for all of them may use it.
        narrowed: a list, which the route narrows by itself to the client's agencies.
        may_be_new: the dossier that the path names may not be there yet.
    """

    needs: Permission
    body: Mapping[str, Kind] = field(default_factory=dict)
    documents: bool = False
    reads: str | None = None
    changes: str | None = None
    everywhere: bool = False
    narrowed: bool = False
    may_be_new: bool = False


_DOSSIER, _ORDER, _INCIDENT = "/v1/dossiers/{code}", "/v1/orders/{order_id}", "/v1/incidents/{incident_id}"
_APOLOGY, _SHIPMENT = "/v1/apologies/{apology_id}", "/v1/shipments/{order_number}"
CHECKLIST = "/v1/procedures/{code}/checklist"
"""Its ``code`` is a procedure's, which is nobody's own."""

DOORS: dict[tuple[str, str], Door] = {
    ("PUT", _DOSSIER): Door(
        _P.REGISTER_DOSSIERS, {"agency.code": _K.AGENCY}, changes="dossier.registered", may_be_new=True
    ),
    ("POST", f"{_DOSSIER}/events"): Door(_P.REGISTER_DOSSIERS, changes="dossier.event"),
    ("GET", f"{_DOSSIER}/deadline"): Door(_P.READ_DOSSIERS),
    ("GET", f"{_DOSSIER}/deadline.svg"): Door(_P.READ_DOSSIERS),
    ("GET", _DOSSIER): Door(_P.READ_PERSONAL_DATA, reads="dossier.read"),
    ("GET", f"{_DOSSIER}/money"): Door(_P.SEE_MONEY, reads="money.read"),
    ("POST", f"{_DOSSIER}/payments"): Door(_P.MANAGE_MONEY, {"order": _K.SHIPMENT}, changes="payment.told"),
    ("GET", f"{_DOSSIER}/supplement-forms"): Door(_P.READ_PERSONAL_DATA, reads="supplement-forms.read"),
    ("POST", f"{_DOSSIER}/second-sending"): Door(_P.PLACE_ORDERS, changes="result.sent-again"),
    ("POST", f"{_DOSSIER}/counter-pickup"): Door(_P.SIGN_HANDOVERS, changes="result.handed-out"),
    ("POST", "/v1/quotes"): Door(_P.PLACE_ORDERS, {"agency": _K.AGENCY, "dossier": _K.DOSSIER}),
    ("POST", "/v1/orders"): Door(_P.PLACE_ORDERS, {"dossier": _K.DOSSIER}, changes="order.placed"),
    ("POST", "/v1/orders/transfer"): Door(_P.PLACE_ORDERS, {"dossier": _K.DOSSIER}, changes="transfer.placed"),
    ("GET", _ORDER): Door(_P.SEE_SHIPMENTS),
    ("POST", f"{_ORDER}/cancel"): Door(_P.CHANGE_ORDERS, changes="order.cancelled"),
    ("POST", f"{_ORDER}/address"): Door(_P.CHANGE_ORDERS, changes="order.readdressed"),
    ("POST", f"{_ORDER}/forward"): Door(_P.CHANGE_ORDERS, changes="order.forwarded"),
    ("POST", f"{_ORDER}/operator"): Door(_P.CHANGE_ORDERS, changes="order.given-to-another"),
    ("GET", f"{_ORDER}/labels/{{order_number}}"): Door(_P.READ_PERSONAL_DATA, reads="label.read"),
    ("POST", "/v1/parcels"): Door(
        _P.PLACE_ORDERS, {"orders": _K.SHIPMENT, "dossiers": _K.DOSSIER}, changes="parcel.formed"
    ),
    ("GET", "/v1/handovers/expected"): Door(_P.SIGN_HANDOVERS, {"agency": _K.AGENCY}),
    ("POST", "/v1/handovers"): Door(
        _P.SIGN_HANDOVERS, {"agency": _K.AGENCY, "orders": _K.SHIPMENT}, changes="handover.drawn-up"
    ),
    ("POST", "/v1/handovers/{handover_id}/sign"): Door(_P.SIGN_HANDOVERS, changes="handover.signed"),
    ("POST", "/v1/handovers/{handover_id}/fault"): Door(_P.SIGN_HANDOVERS, changes="handover.fault-named"),
    ("POST", f"{_SHIPMENT}/finding"): Door(_P.SETTLE_DOUBTS, changes="order.settled"),
    ("POST", f"{_SHIPMENT}/delivery-record"): Door(_P.REPORT_CARRIAGE, changes="delivery.recorded"),
    ("POST", f"{_SHIPMENT}/pickup-record"): Door(_P.REPORT_CARRIAGE, changes="pickup.recorded"),
    ("POST", f"{_SHIPMENT}/reversal"): Door(_P.MANAGE_INCIDENTS, changes="delivery.reversed"),
    ("POST", "/v1/postage/{postage_id}"): Door(_P.MANAGE_MONEY, changes="postage.named"),
    ("POST", "/v1/remittances"): Door(
        _P.MANAGE_MONEY, {"agency": _K.AGENCY, "lines.order": _K.SHIPMENT}, changes="remittance.confirmed"
    ),
    ("POST", "/v1/incidents"): Door(
        _P.REPORT_INCIDENTS, {"dossier": _K.DOSSIER, "order_number": _K.SHIPMENT}, changes="incident.reported"
    ),
    ("GET", "/v1/incidents"): Door(_P.READ_PERSONAL_DATA, reads="incidents.list", narrowed=True),
    ("GET", _INCIDENT): Door(_P.READ_PERSONAL_DATA, reads="incident.read"),
    ("POST", f"{_INCIDENT}/facts"): Door(_P.MANAGE_INCIDENTS, changes="incident.fact"),
    ("POST", f"{_INCIDENT}/evidence"): Door(_P.REPORT_INCIDENTS, changes="evidence.added"),
    ("GET", f"{_INCIDENT}/evidence"): Door(_P.READ_PERSONAL_DATA, reads="evidence.list"),
    ("GET", f"{_INCIDENT}/evidence/{{sha256}}"): Door(_P.READ_PERSONAL_DATA, reads="evidence.read"),
    ("GET", "/v1/apologies"): Door(
        _P.READ_PERSONAL_DATA, {"dossier": _K.DOSSIER}, reads="apologies.list", narrowed=True
    ),
    ("GET", _APOLOGY): Door(_P.READ_PERSONAL_DATA, reads="apology.read"),
    ("GET", f"{_APOLOGY}/letter"): Door(_P.READ_PERSONAL_DATA, reads="letter.read"),
    ("POST", f"{_APOLOGY}/sign"): Door(_P.APPROVE_APOLOGIES, changes="apology.signed"),
    ("POST", f"{_APOLOGY}/dismiss"): Door(_P.APPROVE_APOLOGIES, changes="apology.dismissed"),
    ("PUT", CHECKLIST): Door(_P.REGISTER_DOSSIERS, everywhere=True),
    ("GET", CHECKLIST): Door(_P.SEE_SHIPMENTS),
    ("GET", "/v1/attention"): Door(_P.SEE_ATTENTION, narrowed=True),
    ("POST", "/v1/documents"): Door(_P.PRINT_DOCUMENTS, documents=True, reads="document.print"),
    ("GET", "/v1/documents"): Door(_P.PRINT_DOCUMENTS, documents=True),
    ("GET", "/v1/inbox"): Door(_P.SEE_OPERATIONS, everywhere=True),
}
