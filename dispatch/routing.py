"""Which operator carries a leg, and under which account."""

from __future__ import annotations

from config.accounts import Accounts, CarrierAccount
from dispatch.problems import Problem


def choose_account(accounts: Accounts, agency: str, carrier: str | None) -> CarrierAccount:
    """Return the account to book under: the asked-for operator's, or the first operator configured for the agency.

    Within an operator the agency's own account wins over the provincial default.

    Raises:
        Problem: no account fits.
    """
    names = [carrier] if carrier else list(dict.fromkeys(account.carrier for account in accounts.carrier_accounts))
    for name in names:
        if account := accounts.carrier_account(name, agency):
            return account
    raise Problem(
        "no-carrier-account",
        "No postal operator for this agency",
        f"Agency '{agency}' has no account at {carrier or 'any operator'}, and the province has no default.",
        "Ask operations to add a [[carrier_accounts]] entry for the agency, or name another operator.",
        next_step_vi="Đề nghị bộ phận vận hành bổ sung tài khoản bưu chính cho cơ quan, hoặc chọn đơn vị khác.",
    )
