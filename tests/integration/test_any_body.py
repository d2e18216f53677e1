"""Whatever JSON is sent to any door: an answer that is no failure of ours, on both databases."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.desk import AGENCY, CARRIER, CODE, MONDAY, dossier_body, opened_desk, order_body
from tests.support.schema import with_tables
from tests.support.web import new_key, visit

EVENT = {
    "event_id": "e-1",
    "type": "extended",
    "at": MONDAY.isoformat(),
    "officer": "Hà Thị Mai",
    "reason": "Chờ xác minh",
    "new_due": "2026-03-10",
    "result_papers": [{"name": "Trích lục", "originals": 1, "copies": 0}],
}
SIGNATURE = {
    "signed_at": MONDAY.isoformat(),
    "officer": "Hà Thị Mai",
    "postman": "Lý Văn Hải",
    "lines": [{"order": f"{CODE}-S1", "accepted": False, "reason": "Thiếu", "missing_papers": ["Tờ khai"]}],
}
DOORS: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", f"/v1/dossiers/{CODE}", dossier_body()),
    ("PUT", "/v1/dossiers/H14.10-260302-0002", dossier_body()),
    ("POST", f"/v1/dossiers/{CODE}/events", EVENT),
    ("POST", "/v1/orders", order_body(contact={"name": "Nông Văn An", "phone": "0919393275"})),
    ("POST", "/v1/quotes", {"agency": AGENCY, "service": "send", "address": order_body()["address"], "weight_g": 100}),
    ("POST", "/v1/handovers", {"agency": AGENCY, "carrier": CARRIER, "direction": "to_agency", "orders": ["X-S1"]}),
    ("POST", "/v1/handovers/1/sign", SIGNATURE),
    ("POST", "/v1/orders/0123456789abcdef/address", {"address": order_body()["address"]}),
]
AWKWARD = st.sampled_from(
    [
        *("\x00", "\ud800", "\u202e", "a" * 301, "a" * 61, " ", "𠀀", "'; DROP TABLE dossier; --", "H14.10"),
        *(2**31, 2**63, -(2**63), 10**400, 0.5, -0.0, True),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-03-02", "2028-02-30", "24:00"),
        *(
            "accepted",
            "result_ready",
            "resumed",
            "withdrawn",
            "suspended",
            "supplement_completed",
            "to_post",
            "receive",
        ),
    ]
)
ANYTHING = st.recursive(
    AWKWARD
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=8,
)


def places(body: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every entry of a body, at any depth."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for step, value in inner:
        yield (*here, step)
        yield from places(value, (*here, step))


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, Any]:
    """Return a request that is right but for one or two entries, or altogether strange."""
    method, path, body = draw(st.sampled_from(DOORS))
    if draw(st.integers(0, 9)) == 0:
        return method, path, draw(ANYTHING)
    body = copy.deepcopy(body)
    for _ in range(draw(st.integers(1, 2))):
        *way, last = draw(st.sampled_from(list(places(body))))
        target: Any = body
        for step in way:
            target = target[step]
        target[last] = draw(ANYTHING)
    return method, path, body


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])
def web(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with ExitStack() as closing:
        url = None
        if request.param == "postgres":
            url = closing.enter_context(with_tables(request.getfixturevalue("postgres_url")))
        desk = closing.enter_context(opened_desk(tmp_path_factory.mktemp("desk"), url))
        desk.register()
        desk.order("send")
        yield closing.enter_context(visit(desk))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(asked=requests())
def test_no_body_makes_the_desk_fail(web: httpx.Client, asked: tuple[str, str, Any]) -> None:
    method, path, body = asked
    answer = web.request(method, path, content=json.dumps(body), headers=new_key())
    # A year without a calendar is the one thing that is neither the caller's fault nor done.
    assert answer.status_code < 500 or answer.json()["type"].endswith(":configuration"), answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["next_step"]
