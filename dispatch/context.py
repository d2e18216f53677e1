"""What the work of a floor needs from outside, handed in once and never looked up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from carriers.breaker import BreakerState
from carriers.capabilities import KnowsItsProvinces, OffersPickupWindows
from carriers.contract import Carrier, ConnectionStatus, PickupWindow
from config.accounts import Accounts, CarrierAccount
from config.clock import Clock
from config.database import Database
from config.errors import ConfigurationError
from config.settings import Settings


class CarrierPool:
    """One carrier object per account, made on first use and shared by the threads of this process."""

    def __init__(self, accounts: Accounts, make: Callable[[CarrierAccount], Carrier]) -> None:
        self._accounts = accounts
        self._make = make
        self._made: dict[str, Carrier] = {}
        self._lock = threading.Lock()

    def get(self, account_id: str) -> Carrier:
        """Return the carrier behind ``account_id``.

        Raises:
            ConfigurationError: the account is not configured (any more), or its options are wrong.
        """
        with self._lock:
            if account_id not in self._made:
                self._made[account_id] = self._make(self._accounts.carrier_account_by_id(account_id))
            return self._made[account_id]

    def statuses(self) -> dict[str, ConnectionStatus]:
        """Return how the connections stand that this process has made, by account."""
        with self._lock:
            return {account: carrier.status() for account, carrier in self._made.items()}

    def close(self) -> None:
        """Close the connections of every carrier that was made."""
        with self._lock:
            while self._made:
                self._made.popitem()[1].close()


@dataclass(frozen=True)
class Context:
    """The process's database, clock, settings, accounts and carriers."""

    database: Database
    clock: Clock
    settings: Settings
    accounts: Accounts
    carriers: CarrierPool

    def is_left_alone(self, account_id: str) -> bool:
        """Whether this process cannot use an account now: its operator has been failing, or its options are wrong.

        What other processes have seen is in :mod:`dispatch.connections`.
        """
        try:
            status = self.carriers.get(account_id).status()
        except ConfigurationError:
            return True
        return status.breaker_enforced and status.breaker is BreakerState.OPEN

    def serves(self, account_id: str, province: str) -> bool:
        """Whether an account can book from or to a province, as far as that is known before its operator is asked."""
        try:
            carrier = self.carriers.get(account_id)
        except ConfigurationError:
            return True  # that it cannot be used at all is told otherwise
        return not isinstance(carrier, KnowsItsProvinces) or carrier.serves(province)

    def pickup_windows(self, account_id: str) -> tuple[PickupWindow, ...]:
        """Return when on a day an account's operator collects, as far as it lets the citizen choose."""
        carrier = self.carriers.get(account_id)
        return carrier.pickup_windows if isinstance(carrier, OffersPickupWindows) else ()

    ring: Callable[[str], None] = field(default=lambda lane: None)
    """The doorbell: tells the lane's workers that there may be work. Losing a ring only costs a sweep interval."""
