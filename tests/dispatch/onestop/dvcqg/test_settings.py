"""What a configuration of the portal needs, and how it is told."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from config.accounts import OneStopSystem
from config.errors import ConfigurationError
from dispatch.onestop.dvcqg.settings import SessionPortal, read_portal
from dispatch.onestop.dvcqg.simulator import options_at

BASE = "https://adapter.caobang.gov.vn"


def system(options: dict[str, Any], **secrets: str) -> OneStopSystem:
    hidden = {name: SecretStr(value) for name, value in secrets.items()}
    return OneStopSystem(id="portal", connector="dvcqg", copies=("igate",), options=options, secrets=hidden)


def test_a_session_adapter_with_its_secrets_waits_a_minute_for_answers() -> None:
    portal, secrets = read_portal(system(options_at(BASE, "session"), username="caobang", password="secret"))
    assert isinstance(portal, SessionPortal)
    assert portal.read_timeout == 60.0
    assert secrets == {"username": "caobang", "password": "secret"}


@pytest.mark.parametrize("style", ["lgsp", "gateway"])
def test_the_other_styles_need_no_secrets(style: str) -> None:
    assert read_portal(system(options_at(BASE, style)))[0].style == style


@pytest.mark.parametrize(
    ("options", "secrets", "told"),
    [
        ({"style": "fax"}, {}, "style"),
        ({}, {}, "style"),
        ({**options_at(BASE, "session"), "adapter": "http://adapter.vn"}, {}, "https"),
        (options_at(BASE, "session"), {"username": "caobang"}, "secrets.password"),
        (options_at(BASE, "gateway"), {"token": "x"}, "no use for secrets.token"),
        ({**options_at(BASE, "gateway"), "ca_file": "/not/there.pem"}, {}, "PEM"),
        ({**options_at(BASE, "session"), "auth": "login"}, {}, "auth"),
        ({**options_at(BASE, "lgsp"), "sectors": {"1.004859": {"code": "HT"}}}, {}, "name"),
    ],
)
def test_what_is_wrong_is_named_and_no_secret_is(options: dict[str, Any], secrets: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        read_portal(system(options, **secrets))
