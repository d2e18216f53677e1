"""What comes to the operators' addresses over HTTP: how each is answered, and what is kept of it and what is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from unittest.mock import Mock

import httpx
import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from carriers.simulation import SimulatedOperator
from carriers.states import ShipmentState
from tests.support.desk import TestDesk, opened_desk
from tests.support.operators import joined
from tests.support.town import wait_for
from tests.support.web import problem, visit
from tracking import intake
from tracking.inbox import InboxDelivery
from tracking.refusals import WebhookRefusal

VIETTEL = "/webhooks/viettelpost/viettelpost"
EMS = "/webhooks/ems/ems"
EMS_SECRET = "path-secret-of-the-simulator"
_NUMBERS = count(1)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestDesk, SimulatedOperator]]:
    """A desk with accounts at Viettel Post, which shows a secret in the body, and at EMS, which knows an address."""
    with (
        opened_desk(tmp_path_factory.mktemp("desk")) as desk,
        joined(desk, "ems"),
        joined(desk, "viettelpost") as viettel,
    ):
        yield desk, viettel


@pytest.fixture(scope="module")
def web(town: tuple[TestDesk, SimulatedOperator]) -> Iterator[httpx.Client]:
    with visit(town[0]) as caller:
        caller.headers.clear()  # an operator has no token of ours
        yield caller


@pytest.fixture
def desk(town: tuple[TestDesk, SimulatedOperator]) -> TestDesk:
    """The desk, which has kept nothing and refused nothing yet."""
    with town[0].context.database.write() as session:
        session.execute(delete(InboxDelivery))
        session.execute(delete(WebhookRefusal))
    return town[0]


@pytest.fixture
def news(town: tuple[TestDesk, SimulatedOperator]) -> bytes:
    """A genuine delivery of Viettel Post that has not been sent yet, byte for byte."""
    desk, viettel = town
    number = f"H14.10-260302-{next(_NUMBERS):04}-S1"
    viettel.report(number, ShipmentState.IN_TRANSIT, desk.clock.now())
    (event,) = viettel.books.events_of(viettel.default_customer, number)
    delivery = viettel.delivery(event, VIETTEL)
    assert delivery is not None
    return delivery.body


def kept(desk: TestDesk) -> list[tuple[str, str]]:
    """Return source and kind of everything in the inbox."""
    with desk.read() as session:
        return [(one.source, one.kind) for one in session.scalars(select(InboxDelivery))]


def refusals(desk: TestDesk, wanted: int = 0) -> list[tuple[str, str, int]]:
    """Return what was refused, as soon as so many are counted: no answer waits for that."""

    def counted() -> list[tuple[str, str, int]]:
        with desk.read() as session:
            return [(one.account, one.verdict.value, one.count) for one in session.scalars(select(WebhookRefusal))]

    wait_for("the refusals to be counted", lambda: sum(count for *_, count in counted()) >= wanted)
    return counted()


def padded(desk: TestDesk, news: bytes, *, beyond: int) -> bytes:
    """Return a genuine delivery with blanks behind it: as long as allowed, and ``beyond`` bytes more."""
    return news.ljust(desk.context.settings.max_body_bytes + beyond)


def in_pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 64 * 1024):
        yield body[start : start + 64 * 1024]


# --- size ---


@pytest.mark.parametrize("piecewise", [False, True], ids=["with its length", "without"])
def test_a_delivery_as_large_as_allowed_is_kept(
    web: httpx.Client, desk: TestDesk, news: bytes, piecewise: bool
) -> None:
    body = padded(desk, news, beyond=0)
    answer = web.post(VIETTEL, content=in_pieces(body) if piecewise else body)
    assert (answer.status_code, answer.json()["message"]) == (200, "OK")
    assert kept(desk) == [("carrier:viettelpost", "tracking")]


@pytest.mark.parametrize("piecewise", [False, True], ids=["with its length", "without"])
def test_a_larger_one_is_refused_in_the_operators_words_counted_and_not_kept(
    web: httpx.Client, desk: TestDesk, news: bytes, piecewise: bool
) -> None:
    body = padded(desk, news, beyond=1)
    answer = web.post(VIETTEL, content=in_pieces(body) if piecewise else body)
    assert (answer.status_code, answer.json()["error"]) == (400, True)
    assert (kept(desk), refusals(desk, 1)) == ([], [("viettelpost", "malformed", 1)])


# --- form ---


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "nonsense"},
    ],
    ids=lambda headers: headers.get("Content-Type", "none"),
)
def test_a_delivery_counts_by_its_bytes_whatever_it_calls_them(
    web: httpx.Client, desk: TestDesk, news: bytes, headers: dict[str, str]
) -> None:
    """Operators mislabel what they send; what is proven is proven over the bytes."""
    answer = web.post(VIETTEL, content=news, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert kept(desk) == [("carrier:viettelpost", "tracking")]


def test_the_same_delivery_under_another_name_for_its_form_is_kept_once(
    web: httpx.Client, desk: TestDesk, news: bytes
) -> None:
    for kind in ("application/json", "text/plain"):
        assert web.post(VIETTEL, content=news, headers={"Content-Type": kind}).status_code == 200
    assert len(kept(desk)) == 1


def test_a_true_form_in_place_of_json_is_refused_in_the_operators_words_and_counted(
    web: httpx.Client, desk: TestDesk, news: bytes
) -> None:
    answer = web.post(VIETTEL, data={"DATA": news.decode(), "TOKEN": "guessed"})
    assert (answer.status_code, answer.json()["error"]) == (400, True)
    assert (kept(desk), refusals(desk, 1)) == ([], [("viettelpost", "malformed", 1)])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_what_is_posted_is_a_delivery(web: httpx.Client, desk: TestDesk, news: bytes, method: str) -> None:
    answer = web.request(method, VIETTEL, content=news)
    problem(answer, 405, "http")
    assert answer.headers["allow"] == "POST"
    assert (kept(desk), refusals(desk)) == ([], [])


# --- address ---


@pytest.mark.parametrize(
    "path",
    [
        "pigeon_post/viettelpost",
        "viettelpost/nobody",
        "ems/viettelpost",
        "viettelpost/ems",
        "pigeon_post/nobody/secret",
        f"ems/nobody/{EMS_SECRET}",
        "vnpost_ngsp/vnpost-province",
    ],
)
def test_a_genuine_delivery_to_an_address_that_nobody_has_is_answered_and_not_kept(
    web: httpx.Client, desk: TestDesk, news: bytes, path: str
) -> None:
    document = problem(web.post(f"/webhooks/{path}", content=news), 404, "unknown-webhook")
    assert "postal carriers" in document["next_step"]
    assert EMS_SECRET not in json.dumps(document)
    assert (kept(desk), refusals(desk)) == ([], [])


@pytest.mark.parametrize("path", ["EMS/ems", "ems/EMS", "ems/-ems", f"{'e' * 41}/ems", f"ems/{'e' * 41}", "ems%00/ems"])
def test_what_cannot_be_the_name_of_anybody_is_said_to_be_none(
    web: httpx.Client, desk: TestDesk, news: bytes, path: str
) -> None:
    problem(web.post(f"/webhooks/{path}", content=news), 422, "invalid-request")
    assert (kept(desk), refusals(desk)) == ([], [])


@pytest.mark.parametrize("path", ["/webhooks", "/webhooks/ems", f"{EMS}/{EMS_SECRET}/further"])
def test_more_or_less_than_an_address_is_none(web: httpx.Client, desk: TestDesk, news: bytes, path: str) -> None:
    answer = web.post(path, content=news)
    problem(answer, 404, "http")
    assert EMS_SECRET not in answer.text
    assert (kept(desk), refusals(desk)) == ([], [])


# --- the secret end of an address ---


@pytest.mark.parametrize(
    "end",
    ["", "/guessed", f"/{EMS_SECRET[:-1]}", f"/{EMS_SECRET}0", f"/{EMS_SECRET.upper()}", "/%C4%91o%C3%A1n", "/%FF%00"],
    ids=["none", "another", "shorter", "longer", "in capitals", "in Vietnamese", "no text"],
)
def test_who_does_not_know_the_end_of_the_address_is_refused_in_the_operators_words_and_counted(
    web: httpx.Client, desk: TestDesk, end: str
) -> None:
    answer = web.post(f"{EMS}{end}", json={"tracking_code": "EA1"}, headers={"ems-transaction": "t-1"})
    assert (answer.status_code, answer.json()) == (403, {"code": "error", "transaction": "t-1"})
    assert (kept(desk), refusals(desk, 1)) == ([], [("ems", "forged", 1)])


def test_a_refusal_tells_staff_who_sent_it_and_why_and_never_what_was_guessed(
    web: httpx.Client, desk: TestDesk
) -> None:
    web.post(f"{EMS}/a-lucky-guess", json={}, headers={"ems-transaction": "t-1"})
    refusals(desk, 1)
    with desk.read() as session:
        (row,) = session.scalars(select(WebhookRefusal))
    assert (row.last_sender, row.first_at) == ("127.0.0.1", desk.clock.now())
    assert "path secret" in row.last_reason
    assert "a-lucky-guess" not in row.last_reason


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_the_end_of_an_address_is_never_said_back(web: httpx.Client, method: str) -> None:
    answer = web.request(method, f"{EMS}/{EMS_SECRET}")
    assert "/webhooks/{carrier}/{account}/{path_secret}" in problem(answer, 405, "http")["detail"]
    assert EMS_SECRET not in answer.text


@pytest.mark.parametrize("error", [RuntimeError("a bug"), IntegrityError("INSERT", None, Exception("a race"))])
def test_nor_is_it_logged_whatever_breaks(web: httpx.Client, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(intake, "delivery_of", Mock(side_effect=error))
    with capture_logs() as lines:
        # By itself: after a bug the server hangs up.
        answer = httpx.post(f"{web.base_url}{EMS}/{EMS_SECRET}", json={}, headers={"ems-transaction": "t-1"})
        assert answer.status_code in (409, 500)
    (line,) = [line for line in lines if line["event"] in ("request_failed", "request_raced")]
    assert line["path"] == "/webhooks/{carrier}/{account}/{path_secret}"
    assert EMS_SECRET not in repr(lines)


def test_who_knows_the_end_of_the_address_is_heard_as_a_hint(web: httpx.Client, desk: TestDesk) -> None:
    """Knowing an address proves nothing about what is said: EMS's own tracking has to show the same."""
    answer = web.post(f"{EMS}/{EMS_SECRET}", json={"tracking_code": "EA1"}, headers={"ems-transaction": "t-2"})
    assert (answer.status_code, answer.json()) == (200, {"code": "success", "transaction": "t-2"})
    assert (kept(desk), refusals(desk)) == ([("carrier:ems", "tracking.hint")], [])


def test_an_end_that_the_operator_needs_not_neither_helps_nor_hinders(
    web: httpx.Client, desk: TestDesk, news: bytes
) -> None:
    forged = json.dumps({**json.loads(news), "TOKEN": EMS_SECRET}).encode()
    assert web.post(f"{VIETTEL}/{EMS_SECRET}", content=forged).status_code == 401
    assert (kept(desk), refusals(desk, 1)) == ([], [("viettelpost", "forged", 1)])
    assert web.post(f"{VIETTEL}/whatever", content=news).status_code == 200
    assert kept(desk) == [("carrier:viettelpost", "tracking")]
