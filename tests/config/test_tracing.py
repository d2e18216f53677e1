from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.contextvars import bound_contextvars

from config.logging import redact
from config.tracing import current_trace, following, new_id, trace_of

_TEXTS = st.text(max_size=80)


@settings(max_examples=40)
@given(source=_TEXTS, key=_TEXTS)
def test_the_id_of_a_delivery_comes_from_the_delivery_and_no_redaction_eats_it(source: str, key: str) -> None:
    trace = trace_of(source, key)
    assert trace == trace_of(source, key) != trace_of(source, f"{key}x")
    assert redact(None, "info", {"trace": trace, "event": f"kept {trace}."}) == {
        "trace": trace,
        "event": f"kept {trace}.",
    }


def test_a_source_and_a_key_are_not_run_together() -> None:
    assert trace_of("carrier:ems", "1") != trace_of("carrier:em", "s1")


def test_new_ids_differ() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000


def test_what_is_followed_is_the_delivery_or_else_the_request_or_else_nothing() -> None:
    assert current_trace() is None
    with bound_contextvars(request_id="request-1"):
        assert current_trace() == "request-1"
        with following("delivery-1"):
            assert current_trace() == "delivery-1"
        assert current_trace() == "request-1"
    with following("x" * 200):
        assert len(current_trace() or "") == 64
