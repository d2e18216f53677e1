"""What each thing that can happen on the wire means for a booking and for a question."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from carriers.breaker import BreakerPolicy, BreakerState
from carriers.call_log import CallRecord
from carriers.exchange import Answer, Call, refused, retry_after
from carriers.outcomes import CarrierError, CircuitOpen, OutcomeUnknown, Rejected, Retryable, Throttled, Unauthorized
from carriers.plugin import Runtime
from carriers.transport import Judge, NoCredentials, Transport
from carriers.transport_settings import TransportSettings
from tests.support import ngsp
from tests.support.ticker import Ticker

_URL = "https://vnpost.example/order"
_CALL = Call("POST", _URL, json={"OrderNumber": "H14-1", "SenderName": "Bế Thu Duyên"})


class _Passes:
    """Credentials that can be renewed ``spare`` times."""

    def __init__(self, spare: int) -> None:
        self.spare = spare
        self.discarded: list[Mapping[str, str]] = []

    def headers(self, deadline: float) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {len(self.discarded)}"}

    def discard(self, refused: Mapping[str, str]) -> bool:
        self.discarded.append(refused)
        return len(self.discarded) <= self.spare


class Line:
    """A transport under test with everything around it in reach."""

    def __init__(self, judge: Judge = refused, **settings: Any) -> None:
        self.ticker = Ticker()
        self.records: list[CallRecord] = []
        self.auth = _Passes(spare=1)
        runtime = Runtime(self.records.append, timeout=20, patient=False, monotonic=self.ticker)
        options = TransportSettings.model_validate(settings)
        loggable = frozenset({"OrderNumber", "Status"})
        self.transport = Transport(ngsp.account({}), options, runtime, loggable, judge)

    def write(self) -> Answer:
        return self.transport.write(_CALL, self.auth, operation="book", order_number="H14-1")

    def read(self) -> Answer:
        return self.transport.read(_CALL, self.auth, operation="feed")


@pytest.fixture
def wire() -> Iterator[respx.Route]:
    with respx.mock(assert_all_called=False) as router:
        yield router.post(_URL)


@pytest.fixture
def make_line() -> Iterator[Callable[..., Line]]:
    lines: list[Line] = []

    def make(**settings: Any) -> Line:
        lines.append(Line(**settings))
        return lines[-1]

    yield make
    for line in lines:
        line.transport.close()


@pytest.fixture
def line(make_line: Callable[..., Line]) -> Line:
    return make_line()


_NOT_SENT = [httpx.ConnectError("name not known"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("busy")]
_PERHAPS_SENT = [
    httpx.ReadTimeout("no answer"),
    httpx.ReadError("reset"),
    httpx.WriteError("broken pipe"),
    httpx.WriteTimeout("slow"),
    httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
]
_UNREADABLE = [
    httpx.Response(200, content=b'{"Status": 100, "Mess'),
    httpx.Response(200, content=b"not json", headers={"content-type": "application/json"}),
    httpx.Response(200, content=b"[" * 100_000),
]


@pytest.mark.parametrize("trouble", _NOT_SENT, ids=lambda e: type(e).__name__)
def test_what_was_never_sent_may_be_sent_again(wire: respx.Route, line: Line, trouble: Exception) -> None:
    wire.mock(side_effect=trouble)
    with pytest.raises(Retryable, match="postal doctor"):
        line.write()
    assert wire.call_count == 1


@pytest.mark.parametrize("trouble", _PERHAPS_SENT, ids=lambda e: type(e).__name__)
def test_a_booking_without_an_answer_is_unknown_and_sent_once(
    wire: respx.Route, line: Line, trouble: Exception
) -> None:
    wire.mock(side_effect=trouble)
    with pytest.raises(OutcomeUnknown, match="looked up"):
        line.write()
    assert wire.call_count == 1


@pytest.mark.parametrize("answer", _UNREADABLE, ids=["truncated", "not json", "too deep"])
def test_a_booking_with_an_unreadable_answer_is_unknown(wire: respx.Route, line: Line, answer: httpx.Response) -> None:
    wire.mock(return_value=answer)
    with pytest.raises(OutcomeUnknown):
        line.write()


def test_an_endless_answer_is_cut_off(wire: respx.Route, make_line: Callable[..., Line]) -> None:
    wire.mock(return_value=httpx.Response(200, content=b" " * 2000))
    with pytest.raises(OutcomeUnknown, match="longer than 1000 bytes"):
        make_line(max_response_bytes=1000).write()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (500, OutcomeUnknown),
        (502, OutcomeUnknown),
        (503, OutcomeUnknown),
        (504, OutcomeUnknown),
        (408, OutcomeUnknown),
        (409, OutcomeUnknown),
        (302, OutcomeUnknown),
        (429, Throttled),
        (400, Rejected),
        (404, Rejected),
        (422, Rejected),
    ],
)
def test_a_booking_is_judged_by_its_http_status(
    wire: respx.Route, line: Line, status: int, outcome: type[CarrierError]
) -> None:
    wire.mock(return_value=httpx.Response(status, json={"Message": "Không được"}))
    with pytest.raises(CarrierError) as refused:
        line.write()
    assert type(refused.value) is outcome
    assert refused.value.code == f"http_{status}"
    assert wire.call_count == 1


def test_a_refusal_keeps_the_operators_words(wire: respx.Route, line: Line) -> None:
    wire.mock(return_value=httpx.Response(400, json={"Message": "Sai mã khách hàng"}))
    with pytest.raises(Rejected, match="Sai mã khách hàng") as refused:
        line.write()
    assert refused.value.operator_words == "Sai mã khách hàng"


@pytest.mark.parametrize("trouble", [*_NOT_SENT, *_PERHAPS_SENT], ids=lambda e: type(e).__name__)
def test_a_question_is_asked_again_and_then_given_up_without_harm(
    wire: respx.Route, line: Line, trouble: Exception
) -> None:
    wire.mock(side_effect=trouble)
    with pytest.raises(Retryable):
        line.read()
    assert wire.call_count == 3


def test_a_question_that_works_the_second_time_is_answered(wire: respx.Route, line: Line) -> None:
    wire.mock(side_effect=[httpx.Response(500), httpx.Response(200, json={"Status": 4})])
    assert line.read().body == {"Status": 4}


def test_a_question_stops_at_its_deadline(wire: respx.Route, line: Line) -> None:
    def slowly(request: httpx.Request) -> httpx.Response:
        line.ticker.pass_(25)
        raise httpx.ReadTimeout("no answer")

    wire.mock(side_effect=slowly)
    with pytest.raises(Retryable):
        line.read()
    assert wire.call_count == 1


def test_a_question_that_is_throttled_is_not_repeated(wire: respx.Route, line: Line) -> None:
    wire.mock(return_value=httpx.Response(429))
    with pytest.raises(Throttled) as refused:
        line.read()
    assert refused.value.retry_after is None
    assert wire.call_count == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_renewed_once_and_the_call_goes_through(wire: respx.Route, line: Line, status: int) -> None:
    wire.mock(side_effect=[httpx.Response(status), httpx.Response(200, json={"Status": 100})])
    assert line.write().body == {"Status": 100}
    assert [call.request.headers["authorization"] for call in wire.calls] == ["Bearer 0", "Bearer 1"]


def test_a_fresh_token_that_is_refused_too_is_a_matter_for_a_person(wire: respx.Route, line: Line) -> None:
    wire.mock(return_value=httpx.Response(401))
    with pytest.raises(Unauthorized, match="correct the account's secrets"):
        line.write()
    assert wire.call_count == 2


def test_a_fixed_token_is_not_tried_twice(wire: respx.Route, line: Line) -> None:
    wire.mock(return_value=httpx.Response(401))
    with pytest.raises(Unauthorized):
        line.transport.write(_CALL, NoCredentials(), operation="book", order_number="H14-1")
    assert wire.call_count == 1


def test_a_pause_the_operator_asks_for_holds_for_the_whole_account(wire: respx.Route, line: Line) -> None:
    wire.mock(side_effect=[httpx.Response(429, headers={"Retry-After": "12"}), httpx.Response(200, json={})])
    with pytest.raises(Throttled) as asked:
        line.write()
    assert asked.value.retry_after == 12
    line.ticker.pass_(5)
    with pytest.raises(Throttled) as waiting:
        line.read()
    assert waiting.value.retry_after == pytest.approx(7)
    assert wire.call_count == 1
    line.ticker.pass_(7)
    assert line.write().status == 200


def test_an_agreed_rate_is_kept_before_anything_is_sent(wire: respx.Route, make_line: Callable[..., Line]) -> None:
    wire.mock(return_value=httpx.Response(200, json={}))
    slow = make_line(rate="2/minute")
    slow.write()
    slow.write()
    with pytest.raises(Throttled, match="agreed rate") as refused:
        slow.write()
    assert 0 < (refused.value.retry_after or 0) <= 60
    assert wire.call_count == 2


def test_a_failing_operator_is_left_alone_and_comes_back(wire: respx.Route, make_line: Callable[..., Line]) -> None:
    wire.mock(return_value=httpx.Response(500))
    line = make_line(breaker=BreakerPolicy(min_failures=2, cool_down=30, probes_to_close=1))
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            line.write()
    with pytest.raises(CircuitOpen):
        line.write()
    assert (wire.call_count, line.transport.status().breaker) == (2, BreakerState.OPEN)
    line.ticker.pass_(30)
    wire.mock(return_value=httpx.Response(200, json={}))
    line.write()
    assert line.transport.status().breaker is BreakerState.CLOSED


def test_what_the_breaker_keeps_back_does_not_use_up_the_agreed_rate(
    wire: respx.Route, make_line: Callable[..., Line]
) -> None:
    wire.mock(return_value=httpx.Response(500))
    policy = BreakerPolicy(min_failures=1, cool_down=30, probes_to_close=1)
    line = make_line(rate="2/hour", breaker=policy)
    with pytest.raises(OutcomeUnknown):
        line.write()
    for _ in range(5):
        with pytest.raises(CircuitOpen):
            line.write()
    line.ticker.pass_(30)
    wire.mock(return_value=httpx.Response(200, json={}))
    line.write()
    assert line.transport.status().breaker is BreakerState.CLOSED


def test_refusals_are_no_reason_to_leave_an_operator_alone(wire: respx.Route, line: Line) -> None:
    wire.mock(return_value=httpx.Response(400))
    for _ in range(20):
        with pytest.raises(Rejected):
            line.write()
    assert line.transport.status().breaker is BreakerState.CLOSED


def test_redirects_are_not_followed(wire: respx.Route, line: Line) -> None:
    wire.mock(return_value=httpx.Response(307, headers={"Location": "https://elsewhere.example/"}))
    with pytest.raises(OutcomeUnknown, match="address has moved"):
        line.write()
    assert wire.call_count == 1


def test_every_exchange_is_recorded_without_names(wire: respx.Route, line: Line) -> None:
    wire.mock(side_effect=[httpx.Response(401), httpx.Response(200, json={"Status": 100, "Token": "abc"})])
    line.write()
    first, second = line.records
    assert (first.status, first.outcome) == (401, "unauthorized")
    assert (second.status, second.outcome, second.order_number) == (200, "ok", "H14-1")
    assert second.request_excerpt == "POST {OrderNumber=H14-1, +1 hidden}"
    assert second.response_excerpt == "{Status=100, +1 hidden}"


def test_a_log_that_cannot_be_written_does_not_undo_a_booking(
    wire: respx.Route, caplog: pytest.LogCaptureFixture
) -> None:
    def full(record: CallRecord) -> None:
        raise OSError("disk full")

    wire.mock(return_value=httpx.Response(200, json={"Status": 100}))
    runtime = Runtime(full, timeout=20, patient=False, monotonic=Ticker())
    transport = Transport(ngsp.account({}), TransportSettings(), runtime, frozenset())
    with caplog.at_level(logging.ERROR):
        assert transport.write(_CALL, NoCredentials(), operation="book", order_number="H14-1").status == 200
    assert "could not be kept" in caplog.text
    transport.close()


def test_plain_text_is_an_answer_without_a_body(wire: respx.Route, line: Line) -> None:
    wire.mock(return_value=httpx.Response(200, text="OK"))
    assert line.write().body is None


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "30"}, 30.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": "999999"}, 3600.0),
        ({"Retry-After": "Mon, 02 Mar 2026 08:00:30 GMT", "Date": "Mon, 02 Mar 2026 08:00:00 GMT"}, 30.0),
        ({"Retry-After": "Mon, 02 Mar 2026 07:00:00 GMT", "Date": "Mon, 02 Mar 2026 08:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_a_pause_is_read_in_all_its_forms(headers: dict[str, str], pause: float | None) -> None:
    assert retry_after(httpx.Headers(headers)) == pause


@given(st.binary(max_size=40), st.none() | st.binary(max_size=40))
def test_no_header_can_break_the_reading_of_a_pause(text: bytes, date: bytes | None) -> None:
    headers = [(b"Retry-After", text)] + ([(b"Date", date)] if date is not None else [])
    pause = retry_after(httpx.Headers(headers))
    assert pause is None or 0 <= pause <= 3600


@pytest.mark.parametrize(
    "settings",
    [{"rate": "often"}, {"ca_file": "/no/such/file.pem"}, {"connect_timeout": 0}, {"verify": False}],
    ids=["rate", "certificate authority", "time-out", "no switch for verification"],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TransportSettings.model_validate(settings)


def test_certificates_are_verified(tmp_path: Path) -> None:
    context = TransportSettings().tls()
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"


# --- an operator whose errors hide in HTTP 200 ---


def _hidden(word: str) -> CarrierError | None:
    """Return what the word in a body means; None where all is well."""
    meanings: dict[str, CarrierError] = {
        "no": Rejected("The operator refused the request.", code="no"),
        "failing": Retryable("The operator is failing; this is tried again by itself.", code="failing"),
        "busy": Throttled("The operator asks us to slow down.", code="busy", retry_after=12),
        "expired": Unauthorized("The operator refuses our token.", code="expired"),
        "lost": OutcomeUnknown("The operator may have taken the request or not.", code="lost"),
    }
    return meanings.get(word)


def _look_inside(answer: Answer, *, writes: bool) -> CarrierError | None:
    """Judge as the connectors of such operators do: by HTTP first, then by the word in the body."""
    return refused(answer, writes=writes) or _hidden(answer.body["Status"])


def _say(*words: str) -> list[httpx.Response]:
    return [httpx.Response(200, json={"Status": word}) for word in words]


@pytest.fixture
def veiled(make_line: Callable[..., Line]) -> Line:
    """A line to such an operator, which is left alone after two failures."""
    return make_line(judge=_look_inside, breaker=BreakerPolicy(min_failures=2, cool_down=30, probes_to_close=1))


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("no", "rejected"), ("failing", "retryable"), ("busy", "throttled"), ("lost", "outcome_unknown")],
)
def test_a_refusal_inside_http_200_is_one_and_is_recorded_as_what_it_is(
    wire: respx.Route, veiled: Line, word: str, outcome: str
) -> None:
    wire.mock(side_effect=_say(word))
    with pytest.raises(CarrierError) as refusal:
        veiled.write()
    assert refusal.value.code == word
    (record,) = veiled.records
    assert (record.status, record.outcome, record.response_excerpt) == (200, outcome, f"{{Status={word}}}")


@pytest.mark.parametrize("word", ["failing", "lost"])
def test_an_operator_that_fails_under_http_200_is_left_alone_too(wire: respx.Route, veiled: Line, word: str) -> None:
    wire.mock(side_effect=_say(word, word, "fine"))
    for _ in range(2):
        with pytest.raises(CarrierError, match="operator"):
            veiled.write()
    with pytest.raises(CircuitOpen):
        veiled.write()
    assert wire.call_count == 2
    veiled.ticker.pass_(30)
    assert veiled.write().body == {"Status": "fine"}
    assert veiled.transport.status().breaker is BreakerState.CLOSED


def test_a_hidden_no_is_an_answer_of_an_operator_that_works(wire: respx.Route, veiled: Line) -> None:
    wire.mock(side_effect=_say(*["no"] * 10))
    for _ in range(10):
        with pytest.raises(Rejected):
            veiled.write()
    assert veiled.transport.status().breaker is BreakerState.CLOSED


def test_a_hidden_request_for_a_pause_is_heeded_and_no_failure(wire: respx.Route, veiled: Line) -> None:
    wire.mock(side_effect=_say("busy", "busy", "busy", "fine"))
    for _ in range(3):
        with pytest.raises(Throttled):
            veiled.write()
        with pytest.raises(Throttled, match="asked for a pause"):
            veiled.write()
        veiled.ticker.pass_(12)
    assert veiled.write().body == {"Status": "fine"}
    assert (wire.call_count, veiled.transport.status().breaker) == (4, BreakerState.CLOSED)


def test_a_token_that_is_refused_inside_http_200_is_renewed_once(wire: respx.Route, veiled: Line) -> None:
    wire.mock(side_effect=_say("expired", "fine"))
    assert veiled.write().body == {"Status": "fine"}
    assert [call.request.headers["authorization"] for call in wire.calls] == ["Bearer 0", "Bearer 1"]
    assert [record.outcome for record in veiled.records] == ["unauthorized", "ok"]


def test_a_question_that_fails_inside_http_200_is_asked_again(
    wire: respx.Route, make_line: Callable[..., Line]
) -> None:
    wire.mock(side_effect=_say("failing", "failing", "fine"))
    assert make_line(judge=_look_inside).read().body == {"Status": "fine"}


# --- the breaker on trial, and calls at one time ---


def test_a_breaker_on_trial_lets_every_call_through_and_says_so(
    wire: respx.Route, make_line: Callable[..., Line]
) -> None:
    wire.mock(return_value=httpx.Response(500))
    line = make_line(breaker=BreakerPolicy(min_failures=2, dry_run=True))
    for _ in range(5):
        with pytest.raises(OutcomeUnknown):
            line.write()
    status = line.transport.status()
    assert (wire.call_count, status.breaker, status.breaker_enforced) == (5, BreakerState.OPEN, False)


def test_a_call_too_many_at_one_time_is_refused_before_it_costs_anything(
    wire: respx.Route, make_line: Callable[..., Line]
) -> None:
    """Neither the agreed rate nor the operator notices it, and nobody takes it for a pause that was asked for."""
    line = make_line(concurrency=1, rate="2/hour")

    def meanwhile(request: httpx.Request) -> httpx.Response:
        assert line.transport.status().under_way == 1
        with pytest.raises(Throttled, match="under way") as refusal:
            line.write()
        assert refusal.value.code == "own_concurrency"
        return httpx.Response(200, json={})

    wire.mock(side_effect=meanwhile)
    for _ in range(2):
        line.write()
    assert (wire.call_count, len(line.records)) == (2, 2)
    assert (line.transport.status().under_way, line.transport.status().paused_for) == (0, 0)


def test_a_call_that_fails_is_under_way_no_longer(wire: respx.Route, make_line: Callable[..., Line]) -> None:
    line = make_line(concurrency=1)
    wire.mock(side_effect=[httpx.ReadTimeout("no answer"), httpx.Response(200, json={})])
    with pytest.raises(OutcomeUnknown):
        line.write()
    assert line.transport.status().under_way == 0
    assert line.write().status == 200
