"""Changes of an order that the operator holds, and what else can be asked of it."""

from __future__ import annotations

from dataclasses import replace

from carriers.capabilities import CanCancel, CanChangeAddress, CanLabel, CanRecall, OffersPickupWindows
from carriers.conformance.harness import Check, Harness, expect, lacks, refused
from carriers.contract import ChangeOutcome, OrderRef
from carriers.outcomes import OutcomeUnknown
from carriers.simulation import Fault
from carriers.states import ShipmentState

_YES = (ChangeOutcome.ACCEPTED, ChangeOutcome.PENDING)
_NO = (ChangeOutcome.NOT_FOUND, ChangeOutcome.REFUSED)


def cancelling_twice_is_harmless(harness: Harness) -> None:
    """The first cancellation works, the second one hurts nobody."""
    carrier, order = _canceller(harness), harness.booked("cancel")
    first, second = carrier.cancel(order), carrier.cancel(order)
    expect(first.outcome in _YES, "a live order cannot be cancelled")
    expect(isinstance(second.outcome, ChangeOutcome), "a second cancellation has no outcome")
    expect(harness.live(order.order_number) == 0, "an order lives on after its cancellation")


def cancelling_nothing_is_no_success(harness: Harness) -> None:
    """An order the operator never had is not reported as cancelled."""
    unknown = OrderRef(harness.request("never-booked").order_number, "EA000000000VN", "999999999")
    expect(_canceller(harness).cancel(unknown).outcome in _NO, "cancelling an unknown order is a success")


def late_cancellation_is_heard_as_it_is_meant(harness: Harness) -> None:
    """What the operator answers once it has the papers is what its books say: a no leaves the order alive."""
    carrier, order = _canceller(harness), harness.booked("late-cancel")
    harness.happen(order.order_number, harness.operator.code_of(ShipmentState.IN_TRANSIT))
    outcome, live = carrier.cancel(order).outcome, harness.live(order.order_number)
    expect(outcome not in _NO or live == 1, "a cancellation that came too late is refused, and the order is dead")
    expect(outcome is not ChangeOutcome.ACCEPTED or live == 0, "a refusal to cancel is heard as a yes")


def lost_cancellation_is_unknown(harness: Harness) -> None:
    """A cancellation without an answer may have worked."""
    carrier, order = _canceller(harness), harness.booked("lost-cancel")
    harness.inject(Fault.TIMEOUT_AFTER, order.order_number)
    refused(OutcomeUnknown, lambda: carrier.cancel(order))


def address_can_be_changed(harness: Harness) -> None:
    """Another address is taken or refused in words; one for an unknown order is not taken."""
    carrier = harness.carrier
    if not isinstance(carrier, CanChangeAddress):
        raise lacks("change_address")
    order, receiver = harness.booked("address"), harness.request("address").receiver
    moved = replace(receiver, address="Số 5, Phường Thục Phán, tỉnh Cao Bằng")
    expect(carrier.change_address(order, moved).outcome in _YES, "an order just made takes no other address")
    unknown = OrderRef(harness.request("address-of-nothing").order_number, "EA000000000VN", "999999999")
    expect(carrier.change_address(unknown, moved).outcome in _NO, "an unknown order takes another address")


def recalling_moves_only_what_is_on_its_way(harness: Harness) -> None:
    """An order that is not collected, or not there at all, cannot be brought back, and that is said."""
    carrier = harness.carrier
    if not isinstance(carrier, CanRecall):
        raise lacks("recall")
    expect(carrier.recall(harness.booked("recall")).outcome in _NO, "papers that nobody has are brought back")
    unknown = OrderRef(harness.request("recall-of-nothing").order_number, "EA000000000VN", "999999999")
    expect(carrier.recall(unknown).outcome in _NO, "an unknown order is brought back")


def label_is_there(harness: Harness) -> None:
    """A booked order has a label: a document or the address of one."""
    carrier = harness.carrier
    if not isinstance(carrier, CanLabel):
        raise lacks("label")
    label = carrier.label(harness.booked("label"))
    expect(bool(label.content) or bool(label.url), "the label is neither a document nor an address")


def pickup_windows_are_in_order(harness: Harness) -> None:
    """Windows open before they close, one after another; a booking may ask for each."""
    carrier = harness.carrier
    if not isinstance(carrier, OffersPickupWindows):
        raise lacks("pickup_windows")
    windows = carrier.pickup_windows
    expect(all(window.opens < window.closes for window in windows), "a window closes before it opens")
    expect(list(windows) == sorted(windows, key=lambda window: window.opens), "the windows are not in order")
    for place, window in enumerate(windows):
        harness.carrier.book(replace(harness.request(f"window-{place}"), pickup_window=window))


CHECKS: dict[str, tuple[Check, ...]] = {
    "cancel": (
        cancelling_twice_is_harmless,
        cancelling_nothing_is_no_success,
        late_cancellation_is_heard_as_it_is_meant,
        lost_cancellation_is_unknown,
    ),
    "change_address": (address_can_be_changed,),
    "recall": (recalling_moves_only_what_is_on_its_way,),
    "label": (label_is_there,),
    "pickup_windows": (pickup_windows_are_in_order,),
}


def _canceller(harness: Harness) -> CanCancel:
    if not isinstance(harness.carrier, CanCancel):
        raise lacks("cancel")
    return harness.carrier
