"""The trouble that the simulated portal makes, as real ones do."""

from __future__ import annotations

import threading
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class PortalFault(BaseModel):
    """Trouble for calls of ``service`` (empty: of all) that name a dossier with ``match`` in its code (empty: any).

    The login is the service ``auth``; trouble that is counted out and names no service leaves it alone.

    ``down``: HTTP 503. ``page``: a page with HTTP 200, as a proxy gives. ``busy``: the portal blames itself in words.
    ``refused``: it refuses for a reason of its own. ``expired``: all sessions are over. ``slow``: kept, answered after
    ``seconds`` (real). ``drop``: kept, the answer breaks off. ``doubtful``: kept, answered with words of success and a
    code of failure. ``pretended``: answered so too, and not kept. ``times``: None until the faults are set anew.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["down", "page", "busy", "refused", "expired", "slow", "drop", "doubtful", "pretended"]
    service: str = ""
    match: str = ""
    times: int | None = Field(default=1, ge=1)
    seconds: float = Field(default=1.0, ge=0)


class PortalFaults:
    """The faults in force. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: list[tuple[PortalFault, int | None]] = []

    def replace(self, faults: list[PortalFault]) -> None:
        """Forget the faults there were and make these."""
        with self._lock:
            self._left = [(fault, fault.times) for fault in faults]

    def strike(self, service: str, codes: list[str]) -> PortalFault | None:
        """Return the trouble for a call, counting it, or None."""
        with self._lock:
            for place, (fault, left) in enumerate(self._left):
                if left == 0 or not _is_about(fault, service):
                    continue
                if fault.match and not any(fault.match in code for code in codes):
                    continue
                self._left[place] = (fault, None if left is None else left - 1)
                return fault
        return None


def _is_about(fault: PortalFault, service: str) -> bool:
    if service == "auth" and not fault.service:
        return fault.times is None
    return fault.service in ("", service)
