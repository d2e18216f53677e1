from __future__ import annotations

import pytest

from worker.access.browsers import browser_name

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome, Windows"),
        (f"{CHROME} Edg/140.0", "Edge, Windows"),
        (CHROME.replace("Gecko)", "Gecko) coc_coc_browser/130"), "Cốc Cốc, Windows"),
        ("Mozilla/5.0 (Linux; Android 8.1) AppleWebKit/537.36 Chrome/70 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("curl/8", "curl/8"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_its_user_does(agent: str, name: str) -> None:
    assert browser_name(agent) == name
