"""The one-stop's copy is the same whatever the order in which it was told, and however often."""

from __future__ import annotations

from functools import reduce
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dispatch.onestop.copy import DossierCopy, apply

CODE = "H14.10-260211-0016"
STATES = ("booked", "in_transit", "out_for_delivery", "delivered")


def event(kind: str, minute: int, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "time": f"2026-02-23T10:{minute:02d}:00+07:00", "data": data}


def moved(minute: int, state: str) -> dict[str, Any]:
    data = {"order_number": f"{CODE}-S1", "leg": "send", "state": state, "at": f"2026-02-23T09:{minute:02d}:00+07:00"}
    return event("postal.shipment_moved", minute, data)


def due(revision: int) -> dict[str, Any]:
    data = {"due": f"2026-03-{revision:02d}T17:00:00+07:00", "revision": revision, "state": "running"}
    return event("dossier.due_date_changed", 0, data | {"reason_vi": "", "legal_source": ""})


def signed(number: int, *, accepted: bool) -> dict[str, Any]:
    data = {"handover": f"BBGN-{number}", "order_number": f"{CODE}-S{number}", "direction": "to_agency"}
    verdict = {"accepted": accepted, "reason": None, "signed_at": "2026-02-23T10:00:00+07:00"}
    return event("postal.papers_handed_over", 0, data | verdict)


events = st.lists(
    st.one_of(
        st.builds(moved, st.integers(0, 59), st.sampled_from(STATES)),
        st.builds(due, st.integers(1, 28)),
        st.builds(signed, st.just(1), accepted=st.just(False)),
        st.builds(signed, st.just(2), accepted=st.just(True)),
        st.just(event("postal.result_delivered", 1, {"order_number": f"{CODE}-R1", "at": ""})),
        st.just(event("postal.attention_needed", 1, {"kind": "unknown-code"})),
        st.just(event("something.new", 1, {})),
    )
)


@given(events=events, data=st.data())
def test_order_and_repetition_make_no_difference(events: list[dict[str, Any]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(events + events[: len(events) // 2]))
    assert reduce(apply, shuffled, DossierCopy(CODE)) == reduce(apply, events, DossierCopy(CODE))


def test_the_state_told_last_counts() -> None:
    copy = reduce(apply, [moved(20, "delivered"), moved(10, "in_transit")], DossierCopy(CODE))
    shipment = copy.shipment(f"{CODE}-S1")
    assert shipment is not None
    assert shipment.state == "delivered"


def test_a_rejected_line_and_the_accepted_one_that_follows_are_both_known() -> None:
    copy = reduce(apply, [signed(1, accepted=False), signed(2, accepted=True)], DossierCopy(CODE))
    verdicts = {h.order_number: h.accepted for h in copy.handovers}
    assert verdicts == {f"{CODE}-S1": False, f"{CODE}-S2": True}
    assert copy.handover(f"{CODE}-S3", "to_agency") is None
