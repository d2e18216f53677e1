"""Which button goes with which trouble: what a person can do about it here, next to the words that say it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from dispatch.forms import Direction
from tracking.watching.items import IN_DOUBT, Attention
from worker.access.actor import Staff
from worker.access.roles import Permission

_ = str


@dataclass(frozen=True, slots=True)
class Button:
    """A link that looks like what it is; the first of a row is the one that settles the trouble."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class _Offer:
    label: str
    permission: Permission
    kinds: frozenset[str]
    href: Callable[[Attention, str | None], str | None]


def _of_order(end: str) -> Callable[[Attention, str | None], str | None]:
    return lambda one, _agency: f"/board/shipments/{one.shipment}/{end}" if one.shipment else None


def _of_dossier(end: str) -> Callable[[Attention, str | None], str | None]:
    return lambda one, _agency: f"/board/dossiers/{one.dossier}/{end}" if one.dossier else None


def _at_the_desk(one: Attention, agency: str | None) -> str | None:
    asked = {"agency": agency or "", "direction": Direction.TO_AGENCY.value, "find": one.shipment or ""}
    return f"/board/handovers?{urlencode(asked)}"


def _record_of_line(one: Attention, _agency: str | None) -> str:
    return f"/board/handovers/line/{one.key.rpartition(':')[2]}"


def _part_of_dossier(anchor: str) -> Callable[[Attention, str | None], str | None]:
    return lambda one, _agency: f"/board/dossiers/{one.dossier}#{anchor}" if one.dossier else None


def _refund(one: Attention, _agency: str | None) -> str | None:
    asked = {"between": "postage:post:citizen", "order": one.shipment or ""}
    return f"/board/dossiers/{one.dossier}/payments?{urlencode(asked)}" if one.dossier else None


def _of_incident(end: str) -> Callable[[Attention, str | None], str | None]:
    return lambda one, _agency: f"/board/incidents/{one.key.split(':')[1]}{end}"


_INCIDENTS = frozenset(
    {
        *("incident-open", "incident-complaint-closing", "incident-answer-overdue", "incident-compensation-due"),
        *("incident-compensation-overdue", "incident-idle", "incident-evidence-missing", "incident-proof-missing"),
    }
)
_WITHOUT_FILES = frozenset({"incident-evidence-missing", "incident-proof-missing"})
_LETTERS = frozenset({"apology-to-sign", "apology-last-day", "apology-overdue", "extension-closing"})
_CONNECTIONS = frozenset({"feed-failing", "onestop-failing", "webhook-refused"})

_OFFERS = (
    _Offer(_("Say what the post told you"), Permission.SETTLE_DOUBTS, IN_DOUBT, _of_order("finding")),
    _Offer(
        _("Send again"),
        Permission.MANAGE_OPERATIONS,
        frozenset({"message-undelivered"}),
        lambda one, _agency: f"/board/messages/again?{urlencode({'id': one.key.partition(':')[2]})}",
    ),
    _Offer(
        _("Count and sign"),
        Permission.SIGN_HANDOVERS,
        frozenset({"handover-unsigned", "turned-back-early"}),
        _at_the_desk,
    ),
    _Offer(_("Call the papers back"), Permission.CHANGE_ORDERS, frozenset({"return-due"}), _of_order("recall")),
    _Offer(_("Name who pays"), Permission.SIGN_HANDOVERS, frozenset({"fault-unclear"}), _record_of_line),
    _Offer(_("See the record"), Permission.SIGN_HANDOVERS, frozenset({"transfer-rejected"}), _record_of_line),
    _Offer(
        _("Enter the postage"),
        Permission.MANAGE_MONEY,
        frozenset({"postage-unnamed"}),
        lambda one, _agency: f"/board/postage?{urlencode({'id': one.key.partition(':')[2]})}",
    ),
    _Offer(
        _("Write down what has come"),
        Permission.MANAGE_MONEY,
        frozenset({"fee-not-remitted"}),
        lambda one, agency: f"/board/remittances?{urlencode({'agency': agency or '', 'find': one.shipment or ''})}",
    ),
    _Offer(_("Write down the refund"), Permission.MANAGE_MONEY, frozenset({"refund-not-paid"}), _refund),
    _Offer(_("Add evidence"), Permission.REPORT_INCIDENTS, _WITHOUT_FILES, _of_incident("/evidence")),
    _Offer(_("See the incident"), Permission.READ_DOSSIERS, _INCIDENTS, _of_incident("")),
    _Offer(_("See the letter"), Permission.READ_DOSSIERS, _LETTERS, _part_of_dossier("letters")),
    _Offer(_("See the connections"), Permission.SEE_FIGURES, _CONNECTIONS, lambda _one, _agency: "/board/operators"),
    _Offer(
        _("Collected at the counter"),
        Permission.SIGN_HANDOVERS,
        frozenset({"counter-too-long"}),
        _of_dossier("counter-pickup"),
    ),
    _Offer(
        _("Send the result again"),
        Permission.PLACE_ORDERS,
        frozenset({"counter-too-long"}),
        _of_dossier("second-sending"),
    ),
    _Offer(
        _("Send it to another address"),
        Permission.CHANGE_ORDERS,
        frozenset({"second-invitation-due", "return-due"}),
        _of_order("forward"),
    ),
    _Offer(
        _("See the results"),
        Permission.SEE_SHIPMENTS,
        frozenset({"counter-too-long", "second-invitation-due"}),
        lambda _one, agency: f"/board/results?{urlencode({'agency': agency or ''})}",
    ),
)


def buttons(one: Attention, agency: str | None, staff: Staff) -> list[Button]:
    """Return what one person can do about a trouble of a dossier of ``agency``."""
    offered = list(_offered(one, agency, staff))
    if one.dossier is not None and staff.may(Permission.READ_DOSSIERS, agency):
        offered.append(Button(_("Open the dossier"), f"/board/dossiers/{one.dossier}"))
    return offered


def _offered(one: Attention, agency: str | None, staff: Staff) -> Iterator[Button]:
    for offer in _OFFERS:
        if one.kind in offer.kinds and staff.may(offer.permission, agency):
            href = offer.href(one, agency)
            if href is not None:
                yield Button(offer.label, href)
