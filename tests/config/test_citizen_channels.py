"""``[citizen_channels]``: what a configuration may say, and what it is told when it may not."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from config.accounts import load_accounts
from config.errors import ConfigurationError

EMAIL = """
[citizen_channels.email]
host = "mail.caobang.gov.vn"
sender_address = "mot-cua@caobang.gov.vn"
sender_name = "Bộ phận Một cửa"
opt_out_address = "mot-cua@caobang.gov.vn"
"""
SMS = """
[citizen_channels.sms]
url = "https://sms.example.vn/send"
token = "a-token-nobody-may-see"
sender = "CAOBANG"
"""
HEAD = '[citizen_channels]\nlookup = "tracuu.caobang.gov.vn"\ncontact = "0206 3852 136"\n'


def load(folder: Path, text: str) -> object:
    path = folder / "postal.toml"
    path.write_text(text, encoding="utf-8")
    return load_accounts(path).citizen_channels


def test_both_ways_with_the_defaults_of_a_quiet_night(tmp_path: Path) -> None:
    channels = load(tmp_path, HEAD + EMAIL + SMS)
    assert channels is not None
    assert (channels.quiet_from, channels.quiet_until) == (time(21), time(7))  # type: ignore[attr-defined]
    assert channels.email.port_in_force == 587  # type: ignore[attr-defined]
    assert load(tmp_path, "") is None


def test_quiet_hours_may_be_written_as_toml_times_or_texts(tmp_path: Path) -> None:
    channels = load(tmp_path, HEAD + 'quiet_from = 22:00:00\nquiet_until = "06:30"\n' + SMS)
    assert (channels.quiet_from, channels.quiet_until) == (time(22), time(6, 30))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (HEAD, "name citizen_channels.email, citizen_channels.sms, or both"),
        (HEAD + SMS.replace("https://sms", "http://sms"), "must be an https address"),
        (HEAD + EMAIL + 'security = "none"', "for a mail server on this machine only"),
        (HEAD + EMAIL + 'username = "mot-cua"', "give username and password, or neither"),
        (HEAD + EMAIL + 'ca_file = "nowhere.pem"', "cannot read nowhere.pem"),
        (HEAD + EMAIL.replace("mot-cua@caobang.gov.vn", "mot-cua"), "sender_address"),
        (HEAD + SMS + 'answer_field = "code"', "answer_field together with the values in taken"),
        (HEAD + SMS + 'answer_field = "code"\ntaken = ["0"]\nrefused = ["0"]', "0 cannot mean both"),
        (HEAD.replace("tracuu.caobang.gov.vn", "tra cứu") + SMS, "lookup"),
    ],
)
def test_what_cannot_work_is_refused_at_boot_with_its_place(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ConfigurationError, match=what) as refusal:
        load(tmp_path, text)
    assert "nobody-may-see" not in str(refusal.value)
