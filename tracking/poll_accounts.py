"""How the questions to an account go: how many it may be asked now, and whether it is to be left alone.

Questions may use half of the rate that was agreed with the operator, evenly over time, so that bookings always find the
other half free. The count is kept in domain time like everything that is planned; the calls themselves are counted once
more where they are sent (:mod:`carriers.pace`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.outcomes import CarrierError, Retryable
from config.database import Base, UtcDateTime
from tracking.poll_plan import backed_off, spread

_SHARE = 0.5
_SWEEPS_AT_ONCE = 2
_FIRST_REST = timedelta(minutes=1)
_LONGEST_REST = timedelta(hours=2)
_SHORTEST_PAUSE = timedelta(seconds=1)
AT_ONCE = 200
"""Questions of one drain for one account, whatever its rate; what is left stays due."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many questions an account may be asked: so many a minute, and at most so many together after a lull."""

    a_minute: float
    together: float

    @classmethod
    def of(cls, calls_a_minute: float | None, sweep_seconds: float) -> Budget | None:
        """Return the budget within the rate that was agreed; None where there is none."""
        if calls_a_minute is None:
            return None
        a_minute = calls_a_minute * _SHARE
        return cls(a_minute, max(a_minute * sweep_seconds * _SWEEPS_AT_ONCE / 60, 1.0))


class PollAccount(Base):
    """One account that is asked about items.

    Attributes:
        questions_left: what was left of the budget at ``counted_at``.
        rests_until: until when nothing is asked, by the operator's wish or because it fails.
        failures: questions in a row that it did not answer, the first at ``failing_since``.
    """

    __tablename__ = "poll_account"

    account: Mapped[str] = mapped_column(String(40), primary_key=True)
    questions_left: Mapped[float]
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int]
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str | None] = mapped_column(String(1000))

    def may_ask(self, budget: Budget | None, now: datetime) -> int:
        """Return how many questions may be asked now; an account that has failed is tried with one."""
        if self.rests_until is not None and now < self.rests_until:
            return 0
        left = AT_ONCE if budget is None else int(self._left(budget, now))
        return min(left, 1) if self.failures else left

    def spend(self, questions: int, budget: Budget | None, now: datetime) -> None:
        """Count questions that are about to be asked."""
        if budget is not None:
            self.questions_left, self.counted_at = self._left(budget, now) - questions, now

    def failed(self, error: CarrierError, now: datetime) -> None:
        """Leave the account alone: as long as its operator wishes, else ever longer."""
        if (pause := asked_pause(error)) is not None:
            self.rests_until = now + pause
            return
        self.failures, self.failing_since = self.failures + 1, self.failing_since or now
        self.trouble = str(error)[:1000]
        self.rests_until = now + backed_off(_FIRST_REST, self.failures, _LONGEST_REST, spread(self.account))

    def answered(self) -> None:
        """Forget the failures: the operator answers."""
        self.failures, self.failing_since, self.trouble, self.rests_until = 0, None, None, None

    def _left(self, budget: Budget, now: datetime) -> float:
        minutes = max((now - self.counted_at).total_seconds() / 60, 0.0)
        return min(self.questions_left + minutes * budget.a_minute, budget.together)


def asked_pause(error: CarrierError) -> timedelta | None:
    """Return the pause that the operator, or our own agreement with it, asks for; None when nobody does."""
    if not isinstance(error, Retryable) or error.retry_after is None:
        return None
    return max(timedelta(seconds=error.retry_after), _SHORTEST_PAUSE)


def look(session: Session, account: str, now: datetime) -> PollAccount:
    """Return the account as it stands, for reading; one that was never asked has all its budget."""
    return session.get(PollAccount, account) or PollAccount(**_unasked(account, now))


def locked(session: Session, account: str, now: datetime) -> PollAccount:
    """Return the account for changing: one worker at a time counts its questions."""
    query = select(PollAccount).where(PollAccount.account == account).with_for_update()
    row = session.scalars(query).first()
    if row is None:
        insert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
        session.execute(insert(PollAccount).values(**_unasked(account, now)).on_conflict_do_nothing())
        row = session.scalars(query).one()
    return row


def _unasked(account: str, now: datetime) -> dict[str, object]:
    # As much as any budget lets be asked together: it is cut down to that.
    return {"account": account, "questions_left": float(AT_ONCE), "counted_at": now, "failures": 0}
