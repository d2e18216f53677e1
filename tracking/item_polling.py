"""Asking operators about single items: the live ones that are due, as many at once as the operator takes.

When an item is due is planned by what is known of it (:mod:`tracking.poll_plan`), and how much an account may be asked
by how that goes (:mod:`tracking.poll_accounts`); what there is no room for stays due. What the operator says goes into
the inbox like everything else. An operator that only calls us is asked to tell an item's journey again when it has been
silent for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import structlog
from sqlalchemy.orm import Session

from carriers.outcomes import CarrierError, Rejected, Retryable
from dispatch.context import Context
from tracking import poll_accounts, poll_claims
from tracking.item_questions import Questions, all_questions
from tracking.poll_accounts import AT_ONCE, asked_pause
from tracking.poll_claims import Claimed

log = structlog.get_logger()

_PLANNED_AT_ONCE = 500
_CLAIMED_AT_ONCE = 20
"""Questions for which items are claimed together: a crash makes those not yet asked about wait once more."""


@dataclass(frozen=True)
class _Claim:
    """What is to be asked about now; ``on_trial``: the account has been failing, and this tells whether it still is."""

    items: list[Claimed]
    on_trial: bool


def drain(context: Context) -> int:
    """Ask about every item that is due, as far as its account may be asked; returns how many documents were new."""
    return sum(_follow(context, questions) for questions in _with_work(context))


def due_count(session: Session, context: Context) -> int:
    """Return how many items wait to be planned or asked about now; not those whose account cannot be asked now.

    The latter are put off to a later time on purpose, and whoever waits for all work to be done cannot wait for them.
    """
    now, count = context.clock.now(), 0
    busy = poll_claims.accounts_with_work(session, now)
    for questions in (one for one in all_questions(context) if one.account in busy):
        count += poll_claims.count_new(session, questions.account)
        if poll_accounts.look(session, questions.account, now).may_ask(questions.budget, now):
            count += poll_claims.count_due(session, questions.account, now)
    return count


def _with_work(context: Context) -> list[Questions]:
    """Return the questions of the accounts that have any to put now: most sweeps find none."""
    with context.database.read() as session:
        busy = poll_claims.accounts_with_work(session, context.clock.now())
    return [one for one in all_questions(context) if one.account in busy]


def _follow(context: Context, questions: Questions) -> int:
    _plan_new(context, questions)
    kept = put = 0
    while put < AT_ONCE:
        claim = _claim(context, questions, min(_CLAIMED_AT_ONCE, AT_ONCE - put))
        helpings = _helpings(claim.items, questions.items_at_once)
        if not helpings:
            break
        put += len(helpings)
        for number, helping in enumerate(helpings, start=1):
            new = _ask(context, questions, helping, on_trial=claim.on_trial)
            if new is None:
                _give_back(context, helpings[number:])
                return kept
            kept += new
    return kept


def _plan_new(context: Context, questions: Questions) -> None:
    """Plan the questions about items that are new or have had news."""
    while True:
        with context.database.read() as session:  # a look without the write lock, which on SQLite is one for all
            if not poll_claims.is_any_new(session, questions.account):
                return
        with context.database.write() as session:
            if poll_claims.plan_new(session, questions.account, questions.tempo, _PLANNED_AT_ONCE) < _PLANNED_AT_ONCE:
                return


def _claim(context: Context, questions: Questions, most: int) -> _Claim:
    now = context.clock.now()
    with context.database.read() as session:
        may_ask = poll_accounts.look(session, questions.account, now).may_ask(questions.budget, now)
        if not may_ask or not poll_claims.is_any_due(session, questions.account, now):
            return _Claim([], on_trial=False)
    with context.database.write() as session:
        account = poll_accounts.locked(session, questions.account, now)
        on_trial = account.failures > 0
        about = 1 if on_trial else questions.items_at_once  # a question that may fail again need not stop many items
        limit = min(most, account.may_ask(questions.budget, now)) * about
        items = poll_claims.claim(session, questions.account, questions.tempo, now, limit) if limit else []
        account.spend(ceil(len(items) / about), questions.budget, now)
        return _Claim(items, on_trial=on_trial)


def _helpings(items: list[Claimed], size: int) -> list[list[Claimed]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _ask(context: Context, questions: Questions, items: list[Claimed], *, on_trial: bool) -> int | None:
    """Put one question; returns how many documents were new, None when the account is to be left alone."""
    try:
        kept = questions.ask([one.ref for one in items])
    except Rejected:
        _note_failure(context, questions, items)  # a no to this question says nothing of the others
        return 0
    except CarrierError as error:
        _leave_alone(context, questions, items, error)
        return None
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        # What breaks on one account's answer must not hold up the others.
        log.exception("item_polling_broke", account=questions.account)
        broken = f"The operator's answer broke something here ({type(error).__name__}); operations: see the log."
        _leave_alone(context, questions, items, Retryable(broken, code="item_polling_broke"))
        return None
    recovered = [one for one in items if one.known.failures]
    if recovered or on_trial:
        _forget_failures(context, questions, recovered)
    return kept


def _forget_failures(context: Context, questions: Questions, recovered: list[Claimed]) -> None:
    now = context.clock.now()
    with context.database.write() as session:
        poll_claims.plan_again(session, recovered, questions.tempo, now, failed=False)
        poll_accounts.locked(session, questions.account, now).answered()


def _note_failure(context: Context, questions: Questions, items: Sequence[Claimed]) -> None:
    with context.database.write() as session:
        poll_claims.plan_again(session, items, questions.tempo, context.clock.now(), failed=True)


def _leave_alone(context: Context, questions: Questions, items: Sequence[Claimed], error: CarrierError) -> None:
    """The account rests; the items of the question that failed wait longer than the others, for it may be theirs."""
    now, pause = context.clock.now(), asked_pause(error)
    with context.database.write() as session:
        if pause is not None:
            poll_claims.put_off(session, items, now + pause)
        else:
            poll_claims.plan_again(session, items, questions.tempo, now, failed=True)
        poll_accounts.locked(session, questions.account, now).failed(error, now)


def _give_back(context: Context, helpings: list[list[Claimed]]) -> None:
    """Let the items that were not asked about be due again, for when the account may be asked."""
    if helpings:
        with context.database.write() as session:
            poll_claims.give_back(session, [one for helping in helpings for one in helping])
