"""The whole examination, from the inside out: a trouble further in explains those further out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from carriers import registry
from carriers.capabilities import CanCheck
from carriers.contract import Carrier
from carriers.plugin import Runtime as CarrierRuntime
from config.accounts import CarrierAccount
from config.errors import ConfigurationError
from config.settings import Settings
from dispatch.onestop.contract import CanBeChecked
from worker.app import Desk
from worker.doctor import database, processes
from worker.doctor.finding import Finding, look
from worker.runtime import Runtime

_NEVER_OPENS = {"min_failures": 1_000_000}


def examine(read_settings: Callable[[], Settings]) -> Iterator[Finding]:
    """Yield every finding."""
    try:
        settings = read_settings()
        runtime = Desk(settings).runtime()
    except ConfigurationError as error:
        yield Finding("configuration", False, str(error), "Correct what is named and run `postal doctor` again.")
        return
    try:
        yield from _system(runtime, settings)
    finally:
        runtime.close()


def _system(runtime: Runtime, settings: Settings) -> Iterator[Finding]:
    yield Finding("configuration", True, f"{len(runtime.context.accounts.carrier_accounts)} carrier accounts")
    stored = list(database.examine(runtime))
    yield from stored
    at_broker = processes.broker(settings)
    yield at_broker
    if stored[0].well and at_broker.well:
        yield from processes.running(runtime)
    yield Finding("calendar", True, runtime.office.working_time.calendar.version)
    yield from _operators(runtime.context.accounts.carrier_accounts, settings)
    if runtime.messenger.mail is not None:
        step = "Check [citizen_channels.email]: host, port, security, certificate, log-in; then the network."
        yield look("e-mail", runtime.messenger.mail.check, step)
    yield from _onestops(runtime)


def _operators(accounts: tuple[CarrierAccount, ...], settings: Settings) -> Iterator[Finding]:
    for account in accounts:
        carrier = _opened_for_a_check(account, settings)
        if isinstance(carrier, CanCheck):
            step = "Check URL and secrets of the account, then the network."
            yield look(f"account {account.id}", carrier.check, step)


def _onestops(runtime: Runtime) -> Iterator[Finding]:
    for onestop in runtime.messenger.onestops:
        if isinstance(onestop, CanBeChecked):
            step = "Check options and secrets of the one-stop, then the network."
            yield look(f"one-stop {onestop.system.id}", onestop.check, step)


def _opened_for_a_check(account: CarrierAccount, settings: Settings) -> Carrier:
    """Open an account whose calls are not kept and whose breaker stays closed: the first cause is what counts."""
    transport = {**account.options.get("transport", {}), "breaker": _NEVER_OPENS}
    patient = account.model_copy(update={"options": {**account.options, "transport": transport}})
    return registry.build(patient, CarrierRuntime(lambda _call: None, settings.call_timeout, patient=False))
