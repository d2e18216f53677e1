"""Who calls is proven over the very bytes that are sent. The expected values come from another tool."""

from __future__ import annotations

import pytest
import time_machine

from carriers.jt.signing import Stamp, digest_of, password_of, proves
from tests.support import ngsp


@pytest.mark.parametrize(
    ("content", "key", "digest"),
    [
        ('{"txlogisticId":"H14-1-S1"}', "private-key", "tNG0ucOWr+nzAivFffUQHg=="),
        ('{"a":"Cao Bằng"}', "k", "sVQDm3lywNhhW2neOmQTkw=="),
    ],
)
def test_a_digest_is_of_the_bytes_and_the_key(content: str, key: str, digest: str) -> None:
    assert digest_of(content.encode(), key) == digest
    assert proves(digest, content.encode(), key)
    assert not proves(digest, content.encode() + b" ", key)
    assert not proves(digest, content.encode(), f"{key}x")


@pytest.mark.parametrize("shown", ["", "tNG0ucOWr+nzAivFffUQHg", "tng0ucowr+nzaivfffuqhg==", "\ud800", "ộ"])
def test_anything_but_the_digest_proves_nothing(shown: str) -> None:
    assert not proves(shown, b'{"txlogisticId":"H14-1-S1"}', "private-key")


def test_a_password_is_upper_case_hexadecimal() -> None:
    assert password_of("key", "suffix") == "A002F1CDDC86E3CD7019DD0CE2A2FF30"


def test_each_attempt_is_stamped_with_its_own_time_and_no_other_credential_can_be_had() -> None:
    stamp = Stamp("api-04")
    with time_machine.travel(ngsp.NOW, tick=False):
        headers = stamp.headers(0.0)
    assert headers == {"apiAccount": "api-04", "timestamp": str(int(ngsp.NOW.timestamp()) * 1000)}
    assert stamp.discard(headers) is False
