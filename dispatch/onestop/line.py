"""How connectors speak HTTP: the operators' transport one floor below, and its outcomes in a one-stop system's words.

It brings time-outs for whole exchanges, a breaker, the agreed rate, repeated reads and tokens that are renewed when
they are refused, also in the middle of a page.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from carriers.call_log import CallRecord
from carriers.exchange import Answer, Call, refused
from carriers.outcomes import CarrierError, CircuitOpen, Rejected, Retryable, Throttled, Unauthorized
from carriers.plugin import Runtime
from carriers.transport import Authoriser, Transport
from carriers.transport_settings import TransportSettings
from config.accounts import OneStopSystem
from dispatch.onestop.contract import OneStopError
from dispatch.onestop.plugin import Ties

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Peer:
    id: str
    carrier: str


def open_transport(
    system: OneStopSystem, settings: TransportSettings, ties: Ties, loggable: frozenset[str]
) -> Transport:
    """Return a connection to a system; ``loggable`` are the names whose values may stand in the log."""
    timeout, clock = ties.settings.call_timeout, ties.monotonic
    if ties.network is None:
        runtime = Runtime(_record, timeout, monotonic=clock)
    else:
        network = ties.network
        runtime = Runtime(_record, timeout, patient=False, monotonic=clock, network=lambda _settings: network)
    return Transport(_Peer(system.id, system.connector), settings, runtime, loggable, json_only)


def json_only(answer: Answer, *, writes: bool) -> CarrierError | None:
    """Judge an answer: a success without a JSON object is none, whatever its status says (a log-in page)."""
    if (refusal := refused(answer, writes=writes)) is not None:
        return refusal
    if isinstance(answer.body, dict):
        return None
    return Retryable("a page or a text came instead of data", code="no_data")


def ask(transport: Transport, call: Call, auth: Authoriser, title: str, operation: str) -> Answer:
    """Ask a system something.

    Raises:
        OneStopError: it did not answer, or not as it should; the message names the next step.
    """
    try:
        return transport.read(call, auth, operation=operation)
    except CarrierError as error:
        raise as_onestop_error(error, title) from error


def as_onestop_error(error: CarrierError, title: str) -> OneStopError:
    """Say what became of a call, for the one-stop's side. What the system said may hold personal data: not repeated."""
    what = f"{title} ({error.code})" if error.code else title
    if isinstance(error, Throttled):
        return OneStopError(f"{what} asks for a pause; it is asked again by itself.", retry_after=error.retry_after)
    if isinstance(error, CircuitOpen):
        return OneStopError(f"{title} has been failing and is left alone for a moment; it is asked again by itself.")
    if isinstance(error, Unauthorized):
        return OneStopError(
            f"{what} refuses our client: correct the secrets in the configuration, or ask for the right to read.",
            status=401,
        )
    if isinstance(error, Rejected):
        return OneStopError(
            f"{what} refuses the question: compare the addresses and options in the configuration with those of the "
            "installation ('postal onestops check' tries them).",
            status=400,
        )
    if error.code == "no_data":
        return OneStopError(
            f"{what} answers with a page or a text instead of data, often a log-in page or a gateway's notice; it is "
            "asked again by itself. If this lasts, correct the address in the configuration.",
            status=200,
        )
    return OneStopError(
        f"{what} gives no usable answer; it is asked again by itself. If this lasts, try 'postal onestops check'."
    )


def _record(record: CallRecord) -> None:
    """Log an exchange through the standard library, which is silent in a command that prints for a machine."""
    _LOG.info(
        "one-stop '%s', %s: %s (%s) in %d ms",
        record.account,
        record.operation,
        record.outcome,
        record.status,
        record.duration_ms,
    )
