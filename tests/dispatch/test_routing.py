from __future__ import annotations

import pytest

from config.accounts import Accounts
from dispatch.problems import Problem
from dispatch.routing import choose_account
from tests.dispatch.people import account, refusal

_PROVINCE = account(id="vnpost-province")
_OWN = account(id="vnpost-h14", agency="H14")
_OTHER = account(id="ems-province", carrier="ems")
_ACCOUNTS = Accounts(carrier_accounts=(_PROVINCE, _OWN, _OTHER))


@pytest.mark.parametrize(
    ("agency", "carrier", "chosen"),
    [
        ("H99", None, "vnpost-province"),
        ("H14", None, "vnpost-h14"),
        ("H14", "vnpost_ngsp", "vnpost-h14"),
        ("H14", "ems", "ems-province"),
    ],
)
def test_the_agencys_own_account_wins_over_the_provincial_default(
    agency: str, carrier: str | None, chosen: str
) -> None:
    assert choose_account(_ACCOUNTS, agency, carrier).id == chosen


def test_the_first_operator_that_serves_the_agency_is_taken() -> None:
    accounts = Accounts(carrier_accounts=(_OWN, _OTHER))
    assert choose_account(accounts, "H99", None).id == "ems-province"


@pytest.mark.parametrize("carrier", [None, "jt"])
def test_an_agency_that_no_operator_serves_is_told_what_operations_must_do(carrier: str | None) -> None:
    with pytest.raises(Problem) as problem:
        choose_account(Accounts(carrier_accounts=(_OWN,)), "H99", carrier)
    assert refusal(problem) == ("no-carrier-account", 422)
    assert "[[carrier_accounts]]" in problem.value.next_step
