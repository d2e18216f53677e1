"""Telling, comparing and checking, as every connector does it that can."""

from __future__ import annotations

from collections.abc import Callable

from carriers.conformance.harness import NotConformingError, expect
from dispatch.onestop.conformance.harness import Harness, their_copies
from dispatch.onestop.contract import CanBeChecked, ImportsDossiers, OneStopError, ShowsCopies


def telling_twice_is_harmless(harness: Harness) -> None:
    """A message that comes again is delivered again and changes nothing."""
    message = harness.message("telling-twice")
    first = harness.onestop.tell(message)
    expect(first.delivered, f"a message is not delivered: {first.answer}")
    once = harness.effects(message)
    second = harness.onestop.tell(message)
    expect(second.delivered, "the same message is refused when it comes again")
    expect(harness.effects(message) == once <= 1, "a message takes effect twice")


def a_pretended_success_is_none(harness: Harness) -> None:
    """What only looks like an answer is an error, at whatever door it comes out, and the message is told again."""
    harness.pretend()
    onestop = harness.onestop
    if isinstance(onestop, ImportsDossiers):
        # Reads repeat themselves a little, so it takes as many pages as they try.
        harness.pretend()
        harness.pretend()
        _raises_onestop_error(lambda: onestop.changes(None))
        return
    message = harness.message("pretended")
    expect(not onestop.tell(message).delivered, "a pretended success counts as delivered")
    expect(onestop.tell(message).delivered, "a message is lost whose first attempt was not taken")
    expect(harness.effects(message) == 1, "a message that was told again has not taken effect once")


def a_session_that_is_over_is_renewed(harness: Harness) -> None:
    """A token or session that ends before a message is told is fetched anew, within the same attempt."""
    if harness.expire is None:
        return
    message = harness.message("session-over")
    harness.expire()
    told = harness.onestop.tell(message)
    expect(told.delivered, f"a session that is over costs an attempt: {told.answer}")


def copies_can_be_compared(harness: Harness) -> None:
    """The due date that it shows comes out as it is; a dossier that it does not know is missing."""
    onestop, theirs = harness.onestop, their_copies(harness)
    if not isinstance(onestop, ShowsCopies):
        raise NotConformingError("it does not show copies though it claims to")
    code = theirs.file("copies")
    copies = onestop.copies([code, "no-such-dossier"])
    expect(copies.keys() == {code}, "a dossier that it does not know is not left out")
    expect(copies[code].due == theirs.due(code), "the due date is not the one that the system shows")


def it_can_be_checked(harness: Harness) -> None:
    """A check says something."""
    onestop = harness.onestop
    if not isinstance(onestop, CanBeChecked):
        raise NotConformingError("it cannot be checked though it claims to")
    expect(bool(onestop.check()), "a check says nothing")


def _raises_onestop_error(act: Callable[[], object]) -> None:
    try:
        act()
    except OneStopError as error:
        expect(bool(str(error)), "an error without a word")
    else:
        raise NotConformingError("a log-in page with status 200 passes for an answer")
