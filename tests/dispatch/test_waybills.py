from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from dispatch.problems import Problem
from dispatch.waybills import fill, free_count, give_back, take
from tests.dispatch.people import refusal


def test_numbers_that_are_in_the_pool_already_are_not_added_again(session: Session) -> None:
    assert fill(session, "a", ["HC1", "HC2", "HC2"]) == 2
    take(session, "a", "order-1")
    assert fill(session, "a", ["HC1", "HC3"]) == 1
    assert free_count(session, "a") == 2


def test_the_same_order_gets_the_same_waybill_and_another_order_another(session: Session) -> None:
    fill(session, "a", ["HC2", "HC1"])
    assert [take(session, "a", order) for order in ("order-1", "order-1", "order-2")] == ["HC1", "HC1", "HC2"]


def test_a_waybill_that_was_given_back_is_taken_again(session: Session) -> None:
    fill(session, "a", ["HC1"])
    take(session, "a", "order-1")
    give_back(session, "a", "order-1")
    assert take(session, "a", "order-2") == "HC1"


def test_an_empty_pool_says_what_to_do_and_another_accounts_pool_is_left_alone(session: Session) -> None:
    fill(session, "another", ["HC1"])
    with pytest.raises(Problem) as problem:
        take(session, "a", "order-1")
    assert refusal(problem) == ("waybill-pool-exhausted", 503)
    assert free_count(session, "another") == 1


def test_no_waybill_is_ever_on_two_orders(session: Session) -> None:
    steps = st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=25)

    @given(steps)
    def story(steps: list[tuple[str, bool]]) -> None:
        with session.begin_nested() as savepoint:
            fill(session, "a", ["HC1", "HC2", "HC3"])
            held: dict[str, str] = {}
            for order, takes in steps:
                if takes and (order in held or len(held) < 3):
                    held[order] = take(session, "a", order)
                elif not takes:
                    give_back(session, "a", order)
                    held.pop(order, None)
                assert len(set(held.values())) == len(held)
                assert free_count(session, "a") == 3 - len(held)
            savepoint.rollback()

    story()
