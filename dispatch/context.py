"""What the work of a floor needs from outside, handed in once and never looked up."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
        self._reserved: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        self._lock = threading.RLock()
        self._places = threading.Condition()

    def get(self, account_id: str) -> Carrier:
        """Return the carrier behind ``account_id``.

        Raises:
            ConfigurationError: the account is not configured (any more), or its options are wrong.
        """
        with self._lock:
            if account_id not in self._made:
                self._made[account_id] = self._make(self._accounts.carrier_account_by_id(account_id))
            return self._made[account_id]

    def reserve(self, account_ids: Sequence[str], room: int) -> dict[str, int]:
        """Say how much work may be claimed for accounts, ``room`` in all: equal shares first, then what others leave.

        Nobody gets more than twice what may be sent to its operator at once, whoever else reserves. All of it has to be
        given back with :meth:`release`.
        """
        most = {account: self._at_once(account) * 2 for account in account_ids}
        got: Counter[str] = Counter()
        with self._lock:
            for share in (max(1, room // len(account_ids)), room):
                for account in account_ids:
                    left = min(most[account] - self._reserved[account], room - got.total(), share - got[account])
                    got[account] += max(left, 0)
                    self._reserved[account] += max(left, 0)
        return dict(got)

    def release(self, reserved: Mapping[str, int]) -> None:
        """Give back what is done or not needed."""
        with self._lock:
            self._reserved.subtract(reserved)

    @contextmanager
    def place(self, account_id: str) -> Iterator[None]:
        """Wait for a place among the calls that an account may have out, and hold it."""
        with self._places:
            self._places.wait_for(lambda: self._taken[account_id] < self._at_once(account_id))
            self._taken[account_id] += 1
        try:
            yield
        finally:
            with self._places:
                self._taken[account_id] -= 1
                self._places.notify_all()

    def _at_once(self, account_id: str) -> int:
        """Return how many calls about orders an account may have out: one place is left for questions.

        An operator that is being probed gets one. An account that cannot be used makes no calls, so it needs no limit.
        """
        try:
            status = self.get(account_id).status()
        except ConfigurationError:
            return sys.maxsize
        if status.breaker_enforced and status.breaker is BreakerState.HALF_OPEN:
            return 1
        return max(1, status.at_once - 1)

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

    closing: threading.Event = field(default_factory=threading.Event)
    """Set when this process is told to stop: from then on nothing more is claimed, and what is under way may end."""

    ring: Callable[[str], None] = field(default=lambda lane: None)
    """The doorbell: tells the lane's workers that there may be work. Losing a ring only costs a sweep interval."""
