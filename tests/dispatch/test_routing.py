"""Which operator carries a leg: what is wished, who can be reached, who keeps his promises, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from config.accounts import Accounts, RoutingPreference
from dispatch.problems import Problem
from dispatch.routing import Choice, Need, Reason, choose, decision_about, note_price, record
from dispatch.shipments import Leg
from tests.dispatch.people import NOW, account, place, refusal, register

_PROVINCE = account(id="vnpost-province")
_OWN = account(id="vnpost-h14", agency="H14")
_OTHER = account(id="ems-province", carrier="ems")
_ACCOUNTS = Accounts(carrier_accounts=(_PROVINCE, _OWN, _OTHER))


def chosen(
    session: Session,
    accounts: Accounts,
    *,
    agency: str = "H14",
    left_alone: Callable[[str], bool] = lambda _account: False,
    serves: Callable[[str, str], bool] = lambda _account, _province: True,
    **need: Any,
) -> Choice:
    wanted = Need(**{"agency": agency, "leg": Leg.SEND, "citizen_province": "04", **need})
    return choose(session, accounts, wanted, NOW, left_alone, serves)


def english(choice: Choice) -> list[str]:
    """Return what speaks for the account that was chosen."""
    return [reason.en for reason in choice.considered[0].reasons]


@pytest.mark.parametrize(
    ("agency", "carrier", "expected"),
    [
        ("H99", None, "vnpost-province"),
        ("H14", None, "vnpost-h14"),
        ("H14", "vnpost_ngsp", "vnpost-h14"),
        ("H14", "ems", "ems-province"),
    ],
)
def test_the_agencys_own_account_wins_over_the_provincial_default(
    session: Session, agency: str, carrier: str | None, expected: str
) -> None:
    assert chosen(session, _ACCOUNTS, agency=agency, carrier=carrier).account.id == expected


def test_an_operator_that_serves_other_agencies_alone_is_not_looked_at(session: Session) -> None:
    assert chosen(session, Accounts(carrier_accounts=(_OWN, _OTHER)), agency="H99").account.id == "ems-province"


@pytest.mark.parametrize("carrier", [None, "jt"])
def test_an_agency_that_no_operator_serves_is_told_what_operations_must_do(
    session: Session, carrier: str | None
) -> None:
    with pytest.raises(Problem) as problem:
        chosen(session, Accounts(carrier_accounts=(_OWN,)), agency="H99", carrier=carrier)
    assert refusal(problem) == ("no-carrier-account", 422)
    assert "[[carrier_accounts]]" in problem.value.next_step


def test_what_the_agency_prefers_comes_before_what_the_province_prefers(session: Session) -> None:
    wishes = (RoutingPreference(prefer=("vnpost_ngsp",)), RoutingPreference(agency="H14", prefer=("ems",)))
    accounts = _ACCOUNTS.model_copy(update={"routing": wishes})
    assert chosen(session, accounts, agency="H14").account.carrier == "ems"
    assert chosen(session, accounts, agency="H99").account.carrier == "vnpost_ngsp"


def test_an_operator_that_is_left_alone_is_passed_over_while_there_is_another(session: Session) -> None:
    failing = {"vnpost-h14"}
    assert chosen(session, _ACCOUNTS, left_alone=failing.__contains__).account.id == "ems-province"
    only = chosen(session, _ACCOUNTS, left_alone=failing.__contains__, carrier="vnpost_ngsp")
    assert only.account.id == "vnpost-h14"
    assert "left alone at the moment: it has been failing" in english(only)


def test_an_account_carries_only_the_legs_and_zones_it_is_for(session: Session) -> None:
    results_only = account(id="vnpost-results", legs=("return",))
    near = account(id="ems-near", carrier="ems", zones=("same_province",))
    accounts = Accounts(carrier_accounts=(results_only, near))
    assert chosen(session, accounts).account.id == "ems-near"
    with pytest.raises(Problem) as problem:
        chosen(session, accounts, citizen_province="01")
    assert "does not carry the leg 'send'" in problem.value.detail
    assert "does not serve the zone 'inter_province'" in problem.value.detail


def test_an_account_that_has_no_code_for_a_province_books_nothing_from_or_to_there(session: Session) -> None:
    """The order could not be written down, and would be parked while another operator could carry it."""
    known = {"vnpost-h14": {"04"}, "ems-province": {"01", "04"}}
    choice = chosen(session, _ACCOUNTS, citizen_province="01", serves=lambda one, province: province in known[one])
    assert choice.account.id == "ems-province"
    (passed_over,) = (one for one in choice.considered if one.excluded)
    assert passed_over.reasons == (
        Reason(
            "tài khoản chưa có mã của đơn vị cho tỉnh '01'",
            "the account has no code of the operator's for province '01'",
        ),
    )
    with pytest.raises(Problem) as problem:
        chosen(session, _ACCOUNTS, citizen_province="01", serves=lambda _one, province: province == "01")
    assert problem.value.detail.count("no code of the operator's for province '04'") == 2


def test_of_equals_the_one_that_keeps_its_promises_is_taken(session: Session) -> None:
    accounts = Accounts(carrier_accounts=(_PROVINCE, _OTHER))
    for number in range(40):
        code = f"H14-{number}"
        register(session, code)
        _, (shipment,) = place(session, "send", dossier=code)
        shipment.account = "vnpost-province" if number % 2 else "ems-province"
        shipment.transit_kept = number % 2 == 0 or number < 10
    session.flush()
    choice = chosen(session, accounts)
    assert choice.account.id == "ems-province"
    assert "kept J+n for 100% of the last parcels in zone same_province" in english(choice)


def test_few_parcels_say_nothing_and_then_the_price_decides(session: Session) -> None:
    accounts = Accounts(carrier_accounts=(_PROVINCE, _OTHER))
    note_price(session, "vnpost-province", ("04", "04"), 30_000, NOW)
    note_price(session, "ems-province", ("04", "04"), 22_000, NOW)
    session.flush()
    choice = chosen(session, accounts)
    assert (choice.account.id, english(choice)) == ("ems-province", ["last price 22000 đ"])


def test_every_choice_is_kept_with_what_was_considered(session: Session) -> None:
    register(session)
    _, (shipment,) = place(session, "send")
    decision = decision_about(session, shipment.order_number)
    assert decision is not None
    assert (decision.account, decision.asked_for) == (shipment.account, False)
    assert decision.considered == [
        {"account": shipment.account, "excluded": False, "reasons": [{"vi": "đã cấu hình", "en": "configured"}]}
    ]


def test_the_newest_decision_counts(session: Session) -> None:
    register(session)
    _, (shipment,) = place(session, "send")
    record(session, shipment.order_number, chosen(session, _ACCOUNTS, carrier="ems"), NOW + timedelta(hours=3))
    session.flush()
    decision = decision_about(session, shipment.order_number)
    assert decision is not None
    assert (decision.account, decision.asked_for) == ("ems-province", True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    failing=st.sets(st.sampled_from(["vnpost-province", "vnpost-h14", "ems-province"])),
    agency=st.sampled_from(["H14", "H99"]),
    prefer=st.lists(st.sampled_from(["vnpost_ngsp", "ems", "jt"]), unique=True),
)
def test_whoever_fails_and_whatever_is_preferred_somebody_who_fits_is_chosen(
    session: Session, failing: set[str], agency: str, prefer: list[str]
) -> None:
    accounts = _ACCOUNTS.model_copy(update={"routing": (RoutingPreference(prefer=tuple(prefer)),)})
    choice = chosen(session, accounts, agency=agency, left_alone=failing.__contains__)
    assert choice.account.agency in (None, agency)
    assert choice.account.id not in failing or {one.account.id for one in choice.considered} <= failing
