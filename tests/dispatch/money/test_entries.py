from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.money.entries import balances, entries_of, standing
from dispatch.money.kinds import Ledger, MoneyFact, MoneyKind
from dispatch.parties import Party

BEGAN = datetime(2026, 3, 2, 1, tzinfo=UTC)
CITIZEN, AGENCY, POST = Party.CITIZEN, Party.AGENCY, Party.POST
_PARTIES = st.sampled_from((CITIZEN, AGENCY, POST))


def happened(
    kind: MoneyKind, debtor: Party, creditor: Party, amount: int, hour: int, ledger: Ledger = Ledger.FEE
) -> MoneyFact:
    via = POST if kind is MoneyKind.COLLECTED else None
    at = BEGAN + timedelta(hours=hour)
    return MoneyFact(f"{kind}-{hour}-{debtor}", ledger, kind, "H14-1", debtor, creditor, amount, at, "story", via=via)


@st.composite
def _facts(draw: st.DrawFn) -> MoneyFact:
    debtor, creditor = draw(st.permutations((CITIZEN, AGENCY, POST)))[:2]
    kind = draw(st.sampled_from(MoneyKind))
    return MoneyFact(
        id=draw(st.uuids()).hex,
        ledger=draw(st.sampled_from(Ledger)),
        kind=kind,
        dossier_code="H14-1",
        debtor=debtor,
        creditor=creditor,
        amount_vnd=draw(st.integers(1, 10**12)),
        at=BEGAN + timedelta(minutes=draw(st.integers(0, 10_000))),
        evidence="drawn",
        via=draw(_PARTIES) if kind is MoneyKind.COLLECTED else None,
    )


@given(st.lists(_facts(), max_size=30))
def test_whatever_happens_every_ledger_adds_up_to_nothing_in_whole_dong(facts: list[MoneyFact]) -> None:
    for ledger in Ledger:
        assert sum(vnd for (one, _), vnd in balances(facts).items() if one is ledger) == 0
    assert all(type(entry.amount_vnd) is int and entry.amount_vnd > 0 for entry in entries_of(facts))
    assert all(type(balance) is int for balance in balances(facts).values())


@given(st.lists(_facts(), max_size=30))
def test_every_entry_has_its_fact_and_every_fact_is_booked_twice_for_one_sum(facts: list[MoneyFact]) -> None:
    entries = entries_of(facts)
    for fact in facts:
        own = [entry for entry in entries if entry.fact == fact.id]
        assert sorted(entry.side for entry in own) == ["credit", "debit"]
        assert {entry.amount_vnd for entry in own} == {fact.amount_vnd}
    assert len(entries) == 2 * len(facts)


@given(st.lists(_facts(), max_size=30))
def test_who_owes_whom_says_the_same_as_the_balances(facts: list[MoneyFact]) -> None:
    told: dict[tuple[Ledger, Party], int] = {}
    for debt in standing(facts).debts:
        assert debt.amount_vnd > 0
        for party, signed in ((debt.creditor, debt.amount_vnd), (debt.debtor, -debt.amount_vnd)):
            told[debt.ledger, party] = told.get((debt.ledger, party), 0) + signed
    kept = {account: balance for account, balance in balances(facts).items() if balance}
    assert {account: balance for account, balance in told.items() if balance} == kept


@given(st.lists(_facts(), max_size=6).flatmap(lambda facts: st.tuples(st.just(facts), st.permutations(facts))))
def test_the_order_in_which_facts_are_heard_changes_nothing(both: tuple[list[MoneyFact], list[MoneyFact]]) -> None:
    assert balances(both[0]) == balances(both[1])
    assert standing(both[0]) == standing(both[1])


def test_a_fee_goes_from_the_citizen_by_the_post_to_the_agency() -> None:
    due = happened(MoneyKind.DUE, CITIZEN, AGENCY, 25_000, 0)
    taken = happened(MoneyKind.COLLECTED, CITIZEN, AGENCY, 25_000, 1)
    remitted = happened(MoneyKind.PAID, POST, AGENCY, 25_000, 2)
    (first,) = standing([due]).debts
    assert (first.debtor, first.creditor, first.amount_vnd, first.since) == (CITIZEN, AGENCY, 25_000, due.at)
    (second,) = standing([due, taken]).debts
    assert (second.debtor, second.creditor, second.amount_vnd, second.since) == (POST, AGENCY, 25_000, taken.at)
    for told in permutations([due, taken, remitted]):
        assert standing(told).settled


def test_what_is_paid_twice_is_owed_back_since_the_second_payment() -> None:
    due = happened(MoneyKind.DUE, CITIZEN, AGENCY, 25_000, 0)
    once, twice = (happened(MoneyKind.PAID, CITIZEN, AGENCY, 25_000, hour) for hour in (1, 2))
    (back,) = standing([due, once, twice]).debts
    assert (back.debtor, back.creditor, back.amount_vnd, back.since) == (AGENCY, CITIZEN, 25_000, twice.at)


def test_a_claim_that_is_given_up_is_gone() -> None:
    due = happened(MoneyKind.DUE, POST, CITIZEN, 30_000, 0, Ledger.POSTAGE)
    assert standing([due, happened(MoneyKind.WAIVED, POST, CITIZEN, 30_000, 1, Ledger.POSTAGE)]).settled


def test_ledgers_do_not_pay_for_each_other() -> None:
    fee = happened(MoneyKind.DUE, CITIZEN, POST, 25_000, 0)
    postage = happened(MoneyKind.PAID, CITIZEN, POST, 25_000, 1, Ledger.POSTAGE)
    assert {debt.ledger for debt in standing([fee, postage]).debts} == {Ledger.FEE, Ledger.POSTAGE}


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_are_no_amounts(amount: int) -> None:
    with pytest.raises(ValueError, match="no amount"):
        happened(MoneyKind.DUE, CITIZEN, AGENCY, amount, 0)
