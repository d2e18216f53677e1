from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from dispatch.forms import OrderForm
from dispatch.idempotency import recall, remember
from dispatch.problems import Problem
from tests.dispatch.people import NOW, refusal
from tests.support.desk import order_body

_KEY = "a-key-of-the-one-stop"


def _form(service: str = "send") -> OrderForm:
    return OrderForm.model_validate(order_body(service))


def test_a_new_key_leads_to_nothing_yet(session: Session) -> None:
    assert recall(session, "one-stop", _KEY, _form()) is None


def test_the_same_request_under_the_same_key_is_the_same_answer(session: Session) -> None:
    remember(session, "one-stop", _KEY, _form(), {"order": "1"}, NOW)
    assert recall(session, "one-stop", _KEY, _form()) == {"order": "1"}


def test_another_request_under_the_same_key_is_refused(session: Session) -> None:
    remember(session, "one-stop", _KEY, _form(), {"order": "1"}, NOW)
    with pytest.raises(Problem) as problem:
        recall(session, "one-stop", _KEY, _form("both"))
    assert refusal(problem) == ("idempotency-key", 409)


def test_two_clients_may_use_the_same_key(session: Session) -> None:
    remember(session, "one-stop", _KEY, _form(), {"order": "1"}, NOW)
    assert recall(session, "another", _KEY, _form("both")) is None


def test_a_request_that_failed_leaves_its_key_free(session: Session) -> None:
    with session.begin_nested() as savepoint:
        remember(session, "one-stop", _KEY, _form(), {"order": "1"}, NOW)
        savepoint.rollback()
    assert recall(session, "one-stop", _KEY, _form("both")) is None
