"""Words of the board that stand for what the code calls by other names; each is translated where it is shown."""

from __future__ import annotations

from collections.abc import Mapping

from carriers.breaker import BreakerState
from carriers.states import ShipmentState
from dispatch.channels.ways import Way
from dispatch.custody import CITIZEN, STRANGER
from dispatch.forms import Direction
from dispatch.handover_doubts import Doubt
from dispatch.money.kinds import Ledger, MoneyKind
from dispatch.parties import Party
from dispatch.shipments import BookingState, Leg
from tracking.apologies.standing import State
from tracking.undeliverable import Stage
from tracking.watching.kinds import Urgency

_ = str
"""Marks a text for the catalogues."""

URGENCIES: Mapping[str, str] = {
    Urgency.NOW: _("Do now"),
    Urgency.TODAY: _("Today"),
    Urgency.LATER: _("Keep an eye on"),
}

LEGS: Mapping[str, str] = {
    Leg.SEND: _("papers to the agency"),
    Leg.RETURN: _("result to the citizen"),
    Leg.TRANSFER: _("papers to another agency"),
}

STATES: Mapping[str, str] = {
    BookingState.REQUESTED: _("to be booked"),
    BookingState.BOOKING: _("being booked"),
    BookingState.OUTCOME_UNKNOWN: _("outcome unknown"),
    BookingState.PARKED: _("waits for a person"),
    BookingState.RIDING: _("in another parcel"),
    ShipmentState.BOOKED: _("booked"),
    ShipmentState.COLLECTING: _("postman on the way"),
    ShipmentState.COLLECTION_FAILED: _("collection failed"),
    ShipmentState.IN_TRANSIT: _("in transit"),
    ShipmentState.OUT_FOR_DELIVERY: _("out for delivery"),
    ShipmentState.DELIVERY_FAILED: _("delivery failed"),
    ShipmentState.DELIVERED: _("delivered"),
    ShipmentState.RETURNING: _("on the way back"),
    ShipmentState.RETURNED: _("brought back"),
    ShipmentState.CANCELLED: _("cancelled"),
    ShipmentState.LOST: _("lost"),
}

TONES: Mapping[str, str] = {
    BookingState.OUTCOME_UNKNOWN: "warn",
    BookingState.PARKED: "bad",
    ShipmentState.COLLECTION_FAILED: "warn",
    ShipmentState.DELIVERY_FAILED: "warn",
    ShipmentState.RETURNING: "warn",
    ShipmentState.RETURNED: "warn",
    ShipmentState.LOST: "bad",
    ShipmentState.DELIVERED: "good",
}
"""How a state is coloured, beside its words."""

HOLDERS: Mapping[str, str] = {CITIZEN: _("the citizen"), STRANGER: _("somebody who should not have them")}

PARTIES: Mapping[str, str] = {
    Party.CITIZEN: _("citizen"),
    Party.AGENCY: _("agency"),
    Party.POST: _("post"),
    Party.NOBODY: _("nobody"),
}

LEDGERS: Mapping[str, str] = {Ledger.POSTAGE: _("postage"), Ledger.FEE: _("fee"), Ledger.DAMAGES: _("compensation")}

SOURCES: Mapping[str, str] = {
    "one-stop": _("one-stop desk"),
    "citizen": _("citizen"),
    "routing": _("choice of the operator"),
    "due date": _("due date"),
    "message": _("message"),
    "apology": _("letter of apology"),
}
"""Who or what a moment of a dossier's story comes from, where that is no operator and no person."""

MONEY: Mapping[str, str] = {
    MoneyKind.DUE: _("owed"),
    MoneyKind.PAID: _("paid"),
    MoneyKind.COLLECTED: _("collected by the post"),
    MoneyKind.WAIVED: _("waived"),
}

LETTERS: Mapping[str, str] = {
    State.VOID: _("owed no longer"),
    State.DISMISSED: _("dismissed by an officer"),
    State.SIGNED: _("signed and sent"),
}

DIRECTIONS: Mapping[str, str] = {
    Direction.TO_AGENCY: _("the post brings papers"),
    Direction.TO_POST: _("the post takes results"),
}

DOUBTS: Mapping[str, str] = {
    Doubt.NOT_READY: _("The result is not ready according to the dossier."),
    Doubt.NOT_BOOKED: _("Nothing is booked for this: the post will not know it."),
    Doubt.MAYBE_NOT_BOOKED: _("Whether this is booked is not known: the post may not know it."),
}
"""What a line of a record warns of (:mod:`dispatch.handover_doubts`)."""

STAGES: Mapping[str, str] = {
    Stage.ATTEMPTED: _("refused or not paid for"),
    Stage.INVITED_ONCE: _("invited once"),
    Stage.INVITED_TWICE: _("invited twice"),
    Stage.MAY_GO_BACK: _("may go back"),
    Stage.GOING_BACK: _("on the way back"),
    Stage.HANDED_BACK: _("brought back"),
    Stage.WAITING_AT_COUNTER: _("waits at the counter"),
    Stage.COLLECTED: _("collected at the counter"),
}

EVIDENCE: Mapping[str, str] = {
    "collected": _("collected by the postman"),
    "delivered": _("delivered by the postman"),
    "returned": _("brought back by the post"),
    "event": _("told by the one-stop"),
}
"""The word in the evidence of a change of hands that is neither a record nor a number."""

SHOWS: Mapping[str, str] = {
    "acceptance": _("that the post took the papers (slip, record)"),
    "damage": _("the damage"),
    "count": _("what was counted"),
    "other": _("something else"),
}
"""What a file of an incident proves."""

WAYS: Mapping[str, str] = {
    Way.EMAIL: _("e-mail"),
    Way.SMS: _("SMS"),
    Way.GATEWAY: _("the agency's message gateway"),
}

CALLS: Mapping[str, str] = {
    "book": _("order"),
    "cancel": _("cancellation"),
    "check": _("check of an account"),
    "feed": _("news"),
    "find": _("search for an order"),
    "label": _("label"),
    "lookup": _("search for an order"),
    "quote": _("price"),
    "recall": _("calling back"),
    "resend": _("asking for news again"),
    "token": _("log-in"),
    "track": _("journey"),
}

ANSWERS: Mapping[str, str] = {
    "ok": _("answered"),
    "retryable": _("no answer, tried again"),
    "throttled": _("asked us to wait"),
    "circuit_open": _("left alone"),
    "unauthorized": _("log-in refused"),
    "rejected": _("refused"),
    "duplicate": _("has it already"),
    "outcome_unknown": _("outcome unknown"),
}
"""What came of a call to an operator (:mod:`carriers.outcomes`)."""

LANES: Mapping[str, str] = {
    "booking": _("orders to the post"),
    "inbox": _("news that came in"),
    "outbox": _("messages that go out"),
    "polling": _("questions to the post"),
}

BREAKERS: Mapping[str, str] = {
    BreakerState.CLOSED: _("working"),
    BreakerState.HALF_OPEN: _("being tried again"),
    BreakerState.OPEN: _("left alone"),
}

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "held": ("good", _("Noted: the post holds the order. It is followed from now on.")),
    "not-held": (
        "good",
        _("Noted: the post does not have it. It is booked again, or ends where it was cancelled."),
    ),
    "nothing-in-doubt": ("warn", _("Nothing was changed: that was known already.")),
    "sent-again": ("good", _("The message is in line again and goes out within a minute.")),
    "not-parked": ("warn", _("Nothing was changed: the message is on its way or has arrived.")),
    "cancelled": ("good", _("What had not been collected is cancelled; the post is being told.")),
    "readdressed": ("good", _("The new address is noted; the post is being told where it has to know.")),
    "recalled": ("good", _("The papers are wanted back; the post is being told.")),
    "nothing-to-recall": ("warn", _("Nothing was changed: nothing is on its way that could be called back.")),
    "result-sent-again": (
        "good",
        _("The result goes out once more: the post is told, and the citizen gets a message."),
    ),
    "result-sent-before": ("warn", _("Nothing was changed: the result is being sent already, or was sent meanwhile.")),
    "result-collected": ("good", _("Noted: the result was collected at the counter. It is not sent any more.")),
    "nothing-at-counter": ("warn", _("Nothing was changed: no result of this dossier waits at the counter any more.")),
    "forwarded": ("good", _("The post is being told the new address for the result.")),
    "forwarded-later": (
        "good",
        _("The result comes back first; once its record is signed it goes to the new address."),
    ),
    "forwarded-before": ("warn", _("Nothing was changed: that had been asked for already.")),
    "nothing-to-forward": ("warn", _("Nothing was changed: the post has no result that could go elsewhere.")),
    "given-away": ("good", _("The order is being cancelled there; then it goes to the other operator by itself.")),
    "nothing-to-give": ("warn", _("Nothing was changed: it was given away, cancelled or collected already.")),
    "drawn-up": ("good", _("The records are drawn up, one for each operator.")),
    "added": ("good", _("The order is on the record.")),
    "added-before": ("warn", _("That order was on the record already.")),
    "added-in-doubt": ("warn", _("The order is on the record. Read the warning on its line before you hand it over.")),
    "dropped": ("good", _("The order was taken off the record.")),
    "signed": ("good", _("The record is signed. The agency's time runs for every accepted dossier.")),
    "signed-over": ("good", _("The record is signed. The post has the accepted papers from now on.")),
    "signed-before": ("warn", _("This record had been signed already. Nothing was changed by sending it once more.")),
    "letter-signed": ("good", _("The letter is signed and goes to the citizen.")),
    "letter-dismissed": ("good", _("Noted: no apology is owed.")),
    "letter-settled-before": ("warn", _("Nothing was changed: this letter has been settled already.")),
    "postage-named": ("good", _("The postage is noted.")),
    "fault-named": ("good", _("Who pays is noted.")),
    "remittance-noted": ("good", _("The receipt is written down: what came counts from that day on.")),
    "remittance-known": ("warn", _("Nothing was changed: this receipt was written down already.")),
    "payment-noted": ("good", _("The payment is written down.")),
    "payment-known": ("warn", _("Nothing was changed: this payment was written down already.")),
    "fact-noted": ("good", _("It is written down. Below is what comes next.")),
    "fact-noted-before": ("warn", _("Nothing was changed by sending the form once more: it was written down already.")),
    "incident-reported": (
        "good",
        _("The incident is reported. Add what shows it: photos, the slip, what was counted."),
    ),
    "incident-known": ("warn", _("Nothing was changed by sending the form once more: the incident is reported.")),
    "incident-closed": ("good", _("The incident is closed, and the citizen is told how it ended.")),
    "evidence-added": ("good", _("The file is kept as evidence.")),
    "evidence-known": ("warn", _("Nothing was changed: this file is among the evidence already.")),
}
"""What came of an action, by the word with which its page is opened afterwards; first how it is coloured."""
