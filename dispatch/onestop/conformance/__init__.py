"""What every connector to a one-stop system must do, whoever it is: one suite, against the connector and its simulator.

Make a :class:`Harness` and run every check of :func:`checks_for`. A check raises
:class:`~carriers.conformance.NotConformingError`, so it works under any test runner. Each check names dossiers and
messages of its own, so they may share one simulator.
"""

from __future__ import annotations

from collections.abc import Mapping

from carriers.conformance import NotConformingError
from dispatch.onestop.conformance import importing, telling
from dispatch.onestop.conformance.harness import Check, Harness, HoldsCopies, TheirSide

_EVERYBODY: tuple[Check, ...] = (
    telling.telling_twice_is_harmless,
    telling.a_pretended_success_is_none,
    telling.a_session_that_is_over_is_renewed,
)
_BY_CAPABILITY: Mapping[str, tuple[Check, ...]] = {
    "import": (
        importing.an_expired_token_is_renewed,
        importing.no_change_is_missed,
        importing.the_same_version_is_the_same_content,
        importing.what_is_imported_is_understood,
        importing.junk_is_no_dossier,
    ),
    "copies": (telling.copies_can_be_compared,),
    "check": (telling.it_can_be_checked,),
}


def checks_for(capabilities: tuple[str, ...]) -> list[Check]:
    """Return the checks for a connector with these capabilities, as its plugin tells them."""
    return [*_EVERYBODY, *(check for name in capabilities for check in _BY_CAPABILITY.get(name, ()))]


__all__ = ["Check", "Harness", "HoldsCopies", "NotConformingError", "TheirSide", "checks_for"]
