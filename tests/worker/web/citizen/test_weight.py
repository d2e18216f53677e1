"""A page with all that belongs to it comes quickly over an old telephone's line, and needs no script."""

from __future__ import annotations

import re

import pytest

from tests.support.citizens import Citizen
from tests.support.desk import TestDesk
from tests.tracking.case import AT_THE_DOOR, COLLECTED

LIMIT = 50_000
"""Bytes, as sent without compression."""

_BELONGS = re.compile(r'(?:href|src)="(/static/[^"]+)"')
_SHUT = ("/tra-cuu", "/tra-cuu/tien-do", "/tra-cuu/xac-thuc", "/tra-cuu/ma-xac-thuc")
_OPEN = ("", "/dia-chi", "/nhan-thay", "/huy", "/tin-nhan", "/buu-chinh")


@pytest.fixture
def busy(desk: TestDesk, registered: str) -> str:
    """A dossier of a long story, with many papers."""
    papers = [{"name": f"Giấy tờ số {number} có tên khá dài để in", "originals": 1} for number in range(20)]
    (home,) = desk.order("receive", dossier=registered)
    desk.tell("accepted", "a", code=registered)
    desk.tell("result_ready", "r", code=registered, result_papers=papers)
    desk.work()
    for number in range(40):
        desk.clock.forward(hours=1)
        desk.report(home, (COLLECTED, AT_THE_DOOR)[number % 2])
    desk.poll()
    return registered


def test_every_page_is_light_and_runs_nothing(citizen: Citizen, busy: str) -> None:
    citizen.open(busy)
    assert citizen.page().text.count("<li>") > 60, "it is a long story"
    citizen.look_up(busy)
    weights = {}
    for path in (*_SHUT, *(f"/tra-cuu/ho-so{name}" for name in _OPEN)):
        page = citizen.browser.get(path, headers={"Accept-Encoding": "identity"})
        assert page.status_code == 200, path
        assert "<script" not in page.text
        assert " style=" not in page.text
        belongs = [citizen.browser.get(file).content for file in sorted(set(_BELONGS.findall(page.text)))]
        weights[path] = len(page.content) + sum(map(len, belongs))
    print("\n".join(f"{path}: {weight:,} bytes" for path, weight in weights.items()))
    assert max(weights.values()) < LIMIT
