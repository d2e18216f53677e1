"""What an ``igate`` system has to be configured with, and what is said when it is not."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import ConfigurationError
from dispatch.onestop.igate.settings import Meaning, load_settings
from tests.support.igate import OPTIONS, system


def test_the_usual_options_are_enough() -> None:
    settings = load_settings(system())
    assert settings.means("1") is Meaning.SUPPLEMENT
    assert settings.means("17") is None


@pytest.mark.parametrize("option", ["api", "sso", "import_from", "postal_submission", "postal_return"])
def test_what_only_the_installation_knows_has_no_default(option: str) -> None:
    given = {name: value for name, value in OPTIONS.items() if name != option}
    with pytest.raises(ConfigurationError, match=option):
        load_settings(system().model_copy(update={"options": given}))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("api", "http://api.igate.example"),
        ("import_from", "2026-01-01T00:00:00"),
        ("statuses", {"1": "waiting"}),
        ("receiving_kinds", {"x": "by drone"}),
        ("endpoint", "https://api.igate.example"),
    ],
)
def test_a_wrong_option_is_named(option: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=option):
        load_settings(system(**{option: value}))


def test_missing_secrets_are_named_and_given_ones_never_shown() -> None:
    with pytest.raises(ConfigurationError, match=r"secrets\.client_secret") as trouble:
        load_settings(system({"client_id": "the-desk-of-cao-bang"}))
    assert "the-desk-of-cao-bang" not in str(trouble.value)


def test_national_codes_are_a_choice() -> None:
    settings = load_settings(system(statuses="national"))
    assert [settings.means(str(code)) for code in (1, 5, 9, 10, 11)] == [
        Meaning.FILED,
        Meaning.SUPPLEMENT,
        Meaning.FINISHED,
        Meaning.RETURNED,
        None,
    ]
