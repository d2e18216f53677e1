"""What a look found out, and how a look that breaks becomes a finding, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kombu.exceptions import OperationalError
from sqlalchemy.exc import DBAPIError

from carriers.outcomes import CarrierError
from config.errors import ConfigurationError
from dispatch.onestop.contract import OneStopError


@dataclass(frozen=True)
class Finding:
    """What the doctor found: ``next_step`` is empty when all is well."""

    what: str
    well: bool
    detail: str
    next_step: str = ""


class TroubleError(Exception):
    """A look that worked and found something wrong; its next step differs from that of a look that breaks."""

    def __init__(self, detail: str, next_step: str) -> None:
        super().__init__(detail)
        self.next_step = next_step


def look(what: str, check: Callable[[], str], next_step: str) -> Finding:
    """Do a check and return what came of it; ``next_step`` is what to do when it breaks."""
    try:
        return Finding(what, True, check())
    except TroubleError as trouble:
        return Finding(what, False, str(trouble), trouble.next_step)
    except DBAPIError as error:
        return Finding(what, False, str(error.orig), next_step)
    except (CarrierError, ConfigurationError, OneStopError, OperationalError, OSError) as error:
        return Finding(what, False, str(error), next_step)
