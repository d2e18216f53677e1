"""Which ways a message takes: what the citizen gave, what is configured, what was wished, and what the law wants."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.channels.ways import Citizen, Offered, Way, plan

ALL = Offered(email=True, sms=True, gateway=True)
BOTH = Citizen(mobile=True, email="hieu@example.vn", email_given=True)
FIXED_LINE = Citizen(mobile=False, email=None, email_given=False)

_CITIZENS = st.builds(
    Citizen,
    mobile=st.booleans(),
    email=st.sampled_from([None, "hieu@example.vn"]),
    email_given=st.booleans(),
    no_email=st.booleans(),
    no_phone=st.booleans(),
)
_OFFERED = st.builds(Offered, st.booleans(), st.booleans(), st.booleans())


def test_who_gave_a_mobile_and_an_e_mail_address_is_told_by_both() -> None:
    chosen = plan(BOTH, ALL, statutory=False)
    assert chosen.taken == (Way.EMAIL, Way.SMS)
    assert chosen.reasons[Way.GATEWAY] == "our own SMS reaches the telephone"


def test_a_fixed_line_gets_no_sms_and_the_agencys_gateway_calls_it() -> None:
    chosen = plan(FIXED_LINE, ALL, statutory=True)
    assert chosen.taken == (Way.GATEWAY,)
    assert chosen.reasons[Way.SMS] == "the telephone is no mobile and takes no SMS"


def test_where_nothing_reaches_the_citizen_each_way_has_its_reason() -> None:
    chosen = plan(replace(FIXED_LINE, email_given=True), Offered(email=True, sms=True, gateway=False), statutory=True)
    assert (chosen.taken, chosen.possible) == ((), ())
    assert set(chosen.reasons) == set(Way)
    assert chosen.reasons[Way.EMAIL] == "what was given is no e-mail address"


@pytest.mark.parametrize(("statutory", "taken"), [(False, ()), (True, (Way.EMAIL,))])
def test_who_opted_out_of_everything_is_told_by_one_way_what_the_law_wants(
    statutory: bool, taken: tuple[Way, ...]
) -> None:
    chosen = plan(replace(BOTH, no_email=True, no_phone=True), ALL, statutory=statutory)
    assert chosen.taken == taken


def test_who_opted_out_of_sms_alone_gets_the_letter_alone() -> None:
    for statutory in (True, False):
        assert plan(replace(BOTH, no_phone=True), ALL, statutory=statutory).taken == (Way.EMAIL,)


@given(_CITIZENS, _OFFERED, st.booleans())
def test_every_way_is_taken_or_has_a_reason_and_a_telephone_rings_once(
    citizen: Citizen, offered: Offered, statutory: bool
) -> None:
    chosen = plan(citizen, offered, statutory=statutory)
    assert set(chosen.taken) | set(chosen.reasons) == set(Way)
    assert not {Way.SMS, Way.GATEWAY} <= set(chosen.taken)
    assert set(chosen.taken) <= set(chosen.possible)


@given(_CITIZENS, _OFFERED)
def test_what_the_law_wants_is_told_whenever_it_can_be(citizen: Citizen, offered: Offered) -> None:
    chosen = plan(citizen, offered, statutory=True)
    assert bool(chosen.taken) == bool(chosen.possible)


@given(_CITIZENS, _OFFERED)
def test_a_courtesy_never_goes_where_it_is_not_wanted(citizen: Citizen, offered: Offered) -> None:
    taken = plan(citizen, offered, statutory=False).taken
    assert not (citizen.no_email and Way.EMAIL in taken)
    assert not (citizen.no_phone and {Way.SMS, Way.GATEWAY} & set(taken))
