"""A one-time code on its way: at once and at any hour, by the ways there are, and by none once it has run out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from config.clock import VIETNAM
from dispatch.channels import optout
from dispatch.channels.dossier_link import dossier_of
from dispatch.outbox import OutboxMessage, OutboxState
from tests.tracking.case import Case
from tests.tracking.telling.reach import EMAIL, FIXED_LINE, PHONE, Reach, deliver, opened_reach
from tracking.citizen import code_rows
from tracking.citizen.codes import GOOD_FOR
from tracking.telling.told import told

NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=VIETNAM)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reach]:
    with opened_reach(tmp_path_factory.mktemp("reach")) as reach:
        yield reach


@pytest.fixture
def reach(shared: Reach) -> Reach:
    """The desk, with nothing wrong with its ways."""
    shared.gateway.answers.clear()
    return shared


def asks(reach: Reach, case: Case, digits: str = "3275") -> bool:
    context = reach.desk.context
    with context.database.write() as session:
        return code_rows.ask(session, context.accounts, case.code, digits, context.clock.now())


def otp(text: str) -> str:
    return str(re.findall(r"xác thực (\d{6})", text)[0])


def test_the_code_comes_by_sms_and_letter_at_night_while_news_waits_for_the_morning(reach: Reach) -> None:
    case = reach.opened()
    reach.desk.clock.at(NIGHT)
    reach.tell(case, "withdrawn")
    deliver(reach.desk)
    assert reach.texts(case) == []
    assert asks(reach, case)
    deliver(reach.desk)
    (text,) = reach.texts(case)
    letters = [letter.part("plain") for letter in reach.letters(case)]
    assert otp(text) == otp(letters[-1])
    assert "dùng đến 23:40" in text
    context = reach.desk.context
    with context.database.write() as session:
        assert code_rows.redeem(session, case.code, otp(text), context.clock.now()) == case.code
    with reach.desk.read() as session:
        assert not [one for one in told(session, case.code) if "xác thực" in one.text_vi]


def test_a_code_that_could_not_be_sent_in_time_is_not_sent_any_more(reach: Reach) -> None:
    case = reach.opened(email=None)
    asks(reach, case)
    reach.gateway.answers[:] = [503]
    deliver(reach.desk)
    assert reach.texts(case) == []
    reach.at(reach.desk.clock.now() + GOOD_FOR)
    assert reach.texts(case) == []
    with reach.desk.read() as session:
        query = select(OutboxMessage).where(OutboxMessage.subject.startswith(f"{case.code}:"))
        assert [row.state for row in session.scalars(query)] == [OutboxState.SENT], "nobody has to look after it"


@pytest.mark.parametrize("refused", [(PHONE,), (PHONE, EMAIL)])
def test_it_comes_to_who_wants_no_messages_since_it_was_asked_for(reach: Reach, refused: tuple[str, ...]) -> None:
    case = reach.opened()
    reach.opt_out(*refused)
    assert asks(reach, case)
    deliver(reach.desk)
    assert len(reach.texts(case)) + len(reach.letters(case)) == 1
    with reach.desk.context.database.write() as session:
        for address in refused:
            optout.remove(session, address)


def test_nothing_is_owed_where_no_way_reaches_the_applicant(reach: Reach) -> None:
    case = reach.opened(phone=FIXED_LINE, email=None)
    assert not asks(reach, case, "2136")


@pytest.mark.parametrize("digits", ["0000", "", "275", "393275", "٣٢٧٥", "3275 3275"])
def test_nothing_is_owed_for_other_digits(reach: Reach, digits: str) -> None:
    assert not asks(reach, reach.opened(), digits)


def test_old_codes_are_dropped_when_they_limit_nothing_any_more(reach: Reach) -> None:
    case, clock = reach.opened(), reach.desk.clock
    asks(reach, case)
    for later, left in ((timedelta(hours=23), 1), (timedelta(days=1, minutes=11), 0)):
        with reach.desk.context.database.write() as session:
            session.execute(code_rows.old(clock.now() + later))
            assert len(session.scalars(select(code_rows.CitizenCode)).all()) >= left
    with reach.desk.read() as session:
        assert session.get(code_rows.CitizenCode, case.code) is None


def test_the_link_of_a_letter_is_that_of_the_address_it_goes_to(reach: Reach) -> None:
    case = reach.opened()
    reach.tell(case, "withdrawn")
    deliver(reach.desk)
    (letter,) = reach.letters(case)
    token = re.findall(r"/tra-cuu/lien-ket/(\S+)", letter.part("plain"))[0]
    with reach.desk.read() as session:
        assert dossier_of(session, token, reach.desk.clock.now()).code == case.code
