from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from dispatch.citizens import Citizen, check_citizen
from dispatch.forms import AddressForm
from tests.dispatch.people import place, register

_HOME = AddressForm(text="Tổ 6, Xã Lũng Nặm, tỉnh Cao Bằng", era="new2")


@given(st.builds(Citizen, *[st.text()] * 7))
def test_a_citizen_is_read_as_written(citizen: Citizen) -> None:
    assert Citizen.from_text(citizen.to_text()) == citizen


def test_the_applicant_stands_in_where_nobody_else_is_named(session: Session) -> None:
    citizen = check_citizen(register(session), _HOME, None)
    assert (citizen.name, citizen.phone) == ("Bế Đức Hiếu", "+84919393275")
    assert (citizen.province_code, citizen.commune_code, citizen.commune_name) == ("04", "01393", "Xã Lũng Nặm")


def test_an_address_that_was_pasted_is_composed_before_it_is_kept(session: Session) -> None:
    pasted = AddressForm(text="Tổ 6, Xa\u0303 Lũng  Nặm, tỉnh Cao Bằng\u200b", era="new2")
    citizen = check_citizen(register(session), pasted, None)
    assert citizen.commune_code == "01393"


def test_nobody_can_read_a_citizen_off_the_database_file(session: Session) -> None:
    register(session)
    place(session, "send")
    session.flush()
    (raw,) = session.execute(text("SELECT citizen FROM shipment")).one()
    assert "Hiếu" not in raw
    assert "919393275" not in raw
