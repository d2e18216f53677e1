from __future__ import annotations

from pathlib import Path

import pytest

from config.accounts import Accounts, load_accounts
from config.errors import ConfigurationError

_ACCOUNT = """
[[carrier_accounts]]
id = "{id}"
carrier = "vnpost_ngsp"
{agency}
customer_code = "{customer}"
[carrier_accounts.desk]
phone = "02063852136"
address = "Trung tâm Phục vụ hành chính công"
province_code = "04"
[carrier_accounts.secrets]
consumer_key = "a-key-that-nobody-may-see"
"""
_ONESTOP = """
[[onestops]]
id = "{id}"
source_systems = [{systems}]
callback_url = "https://igate.example/callbacks"
signing_secret = "whsec_YS1zZWNyZXQtdGhhdC1ub2JvZHktbWF5LXNlZQ=="
"""


def _account(account_id: str, agency: str | None = None, *, customer: str | None = None) -> str:
    own = f'agency = "{agency}"' if agency else ""
    return _ACCOUNT.format(id=account_id, agency=own, customer=customer or f"C-{account_id}")


def _onestop(onestop_id: str, *systems: str) -> str:
    return _ONESTOP.format(id=onestop_id, systems=", ".join(f'"{system}"' for system in systems))


def _load(folder: Path, *sections: str) -> Accounts:
    path = folder / "postal.toml"
    path.write_text("\n".join(sections), encoding="utf-8")
    return load_accounts(path)


def test_no_file_means_no_accounts() -> None:
    assert load_accounts(None) == Accounts()


def test_an_agencys_own_account_wins_over_the_provincial_default(tmp_path: Path) -> None:
    accounts = _load(tmp_path, _account("province"), _account("own", "H14"))
    found = [accounts.carrier_account("vnpost_ngsp", agency) for agency in ("H14", "H99")]
    assert [account.id for account in found if account] == ["own", "province"]
    assert accounts.carrier_account("ems", "H14") is None


def test_without_a_default_another_agency_has_no_account(tmp_path: Path) -> None:
    assert _load(tmp_path, _account("own", "H14")).carrier_account("vnpost_ngsp", "H99") is None


def test_an_account_that_shipments_refer_to_must_be_put_back(tmp_path: Path) -> None:
    accounts = _load(tmp_path, _account("province"))
    assert accounts.carrier_account_by_id("province").customer_code == "C-province"
    with pytest.raises(ConfigurationError, match="'gone' is not in the configuration; put it back"):
        accounts.carrier_account_by_id("gone")


def test_a_one_stop_may_own_several_source_systems(tmp_path: Path) -> None:
    accounts = _load(tmp_path, _onestop("igate", "igate", "dvcqg"))
    found = [accounts.onestop_for(system) for system in ("igate", "dvcqg", "unheard-of")]
    assert [onestop.id if onestop else None for onestop in found] == ["igate", "igate", None]


def test_a_system_may_keep_copies_of_the_dossiers_of_others(tmp_path: Path) -> None:
    portal = _onestop("portal").replace("source_systems = []", 'copies = ["igate"]')
    accounts = _load(tmp_path, _onestop("igate", "igate"), portal)
    told = [tuple(one.id for one in accounts.copies_of(system)) for system in ("igate", "unheard-of")]
    assert told == [("portal",), ()]


@pytest.mark.parametrize(
    ("section", "what"),
    [
        (_onestop("x"), "name the source_systems whose dossiers are its own"),
        (_onestop("x", "igate") + 'copies = ["igate"]', "dossiers of igate are its own and no copies"),
        (
            _onestop("x", "igate") + 'connector = "bus"',
            "signing_secret belong to the connector 'rest'",
        ),
        ('[[onestops]]\nid = "x"\nsource_systems = ["igate"]', "the connector 'rest' needs callback_url and"),
    ],
)
def test_a_system_must_say_how_it_is_told_and_of_what(tmp_path: Path, section: str, what: str) -> None:
    with pytest.raises(ConfigurationError, match=what):
        _load(tmp_path, section)


@pytest.mark.parametrize(
    ("sections", "what"),
    [
        ([_account("a"), _account("a", "H14")], "carrier account id given twice: a"),
        ([_account("a"), _account("b")], "account for carrier and agency given twice: vnpost_ngsp None"),
        ([_account("a", "H14"), _account("b", "H14")], "account for carrier and agency given twice: vnpost_ngsp H14"),
        ([_onestop("x", "igate"), _onestop("x", "dvcqg")], "one-stop id given twice: x"),
        ([_onestop("x", "igate"), _onestop("y", "igate")], "source system given twice: igate"),
    ],
)
def test_what_would_be_ambiguous_stops_the_boot(tmp_path: Path, sections: list[str], what: str) -> None:
    with pytest.raises(ConfigurationError, match=what):
        _load(tmp_path, *sections)


def test_two_accounts_at_one_operator_never_share_a_customer_code(tmp_path: Path) -> None:
    """Whose an event is, the customer code alone tells: one account's webhooks must not move another's shipments."""
    one, other = _account("province", customer="C1"), _account("own", "H14", customer="C1")
    with pytest.raises(ConfigurationError, match="accounts province and own at 'vnpost_ngsp' have the same customer"):
        _load(tmp_path, one, other)
    elsewhere = other.replace('"vnpost_ngsp"', '"ems"')
    assert len(_load(tmp_path, one, elsewhere).carrier_accounts) == 2


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[[carrier_accounts]]\nid = ", "is not valid TOML"),
        ("[[carrier_account]]\n", r"carrier_account: Extra inputs"),
        (_account("Not An Id"), r"carrier_accounts\.0\.id"),
        (_account("a").replace('"04"', '"4"'), r"carrier_accounts\.0\.desk\.province_code"),
        ('[[api_clients]]\nname = "x"\ntoken = "short"\n', r"api_clients\.0\.token"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ConfigurationError, match=what) as error:
        _load(tmp_path, text)
    assert "POSTAL_CONFIG" in str(error.value)
    assert "nobody-may-see" not in str(error.value)
    assert "short" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot read .*missing\.toml: No such file"):
        load_accounts(tmp_path / "missing.toml")


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    accounts = _load(tmp_path, _account("province"), _onestop("igate", "igate"))
    assert "nobody-may-see" not in repr(accounts)
