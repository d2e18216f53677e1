"""One fact, one message a way: a mail server and an SMS gateway get what the citizen's addresses and wishes allow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parseaddr

import pytest
from sqlalchemy import select

from dispatch.channels import optout, optout_link
from dispatch.channels.sms_length import Coding
from dispatch.outbox import OutboxAttempt, OutboxMessage, OutboxState, send_again
from tests.support.smtp import Taken
from tests.tracking.case import Case
from tests.tracking.deadlines.story import at
from tests.tracking.telling.reach import EMAIL, FIXED_LINE, PHONE, Reach, deliver, opened_reach
from tracking import watch

RESULT = {"early_vi": "", "early_en": ""}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reach]:
    with opened_reach(tmp_path_factory.mktemp("reach")) as reach:
        yield reach


@pytest.fixture
def reach(shared: Reach) -> Iterator[Reach]:
    shared.mail.answers, shared.gateway.answers = {}, []
    yield shared
    with shared.desk.context.database.write() as session:
        for address in (PHONE, EMAIL):
            optout.remove(session, address)


def destinations(case: Case) -> dict[str, str]:
    with case.desk.read() as session:
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.subject == case.code))
        return {row.destination: row.state.value for row in rows}


def test_a_result_is_told_by_letter_and_by_text_each_once(reach: Reach) -> None:
    case = reach.opened()
    reach.tell(case, "result_ready", **RESULT)
    reach.tell(case, "result_ready", **RESULT)
    deliver(reach.desk)
    (letter,), (text,) = reach.letters(case), reach.texts(case)
    assert parseaddr(letter.recipient)[1] == EMAIL
    assert letter.encrypted
    assert text == f"HS {case.code}: đã có kết quả, mời Ông/Bà đến nhận. Tra cứu: tracuu.caobang.vn"
    assert destinations(case) == {"citizen": "sent", "citizen:email": "sent", "citizen:sms": "sent"}
    first = f"{case.code}:citizen.result_ready:once"
    kept = reach.row(f"{first}@sms")
    assert reach.row(f"{first}@email") is not None
    assert kept is not None
    assert json.loads(kept.payload)["coding"] == Coding.UCS_2
    assert json.loads(kept.payload)["segments"] <= 2


def test_a_letter_says_in_both_languages_what_the_law_wants_in_it(reach: Reach) -> None:
    case = reach.opened()
    case.order("send")
    case.arrives()
    case.signed(case.s1, "2026-03-02 16:05")
    deliver(reach.desk)
    letter = next(one for one in reach.letters(case) if "đã nhận đủ giấy tờ" in one.part("plain"))
    vi, en = letter.part("plain").split("-" * 40)
    for line in (
        "Đơn vị tiếp nhận, giải quyết: Sở Tư pháp",
        "Người tiếp nhận, xử lý: Hoàng Thị Lan",
        "Thời điểm tiếp nhận: 16:05 02/03/2026",
        "Thời hạn giải quyết: 3 ngày làm việc",
        "Hẹn trả kết quả: 17:00 05/03/2026",
        "Liên hệ: 0206 3852 136, giờ hành chính",
    ):
        assert line in vi
    for line in ("Unit in charge: Sở Tư pháp", "Time limit: 3 working days", "Result due: 17:00 05/03/2026"):
        assert line in en
    page = letter.part("html")
    assert "Người tiếp nhận, xử lý</span><br><strong>Hoàng Thị Lan</strong>" in page
    assert not any(remote in page for remote in ("src=", "url(", "<script", "<link", "<img", "@import"))
    ours = '<a href="https://motcua.caobang.example.vn/'
    assert page.count(f"{ours}ngung-thu/") == page.count(f"{ours}tra-cuu/lien-ket/") == 2
    assert page.count("http") == page.count(ours) == 4
    assert "cải chính" not in letter.part("plain"), "the procedure is nobody else's business"


def link_in(letter: Taken) -> str:
    """Return the link by which a letter says that letters can be stopped, the same in all its places."""
    by_click, by_mail = str(letter.email["List-Unsubscribe"]).split(", ")
    assert by_mail == "<mailto:dung-gui@caobang.example.vn>"
    link = by_click.strip("<>")
    assert letter.email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter.raw.count(f"List-Unsubscribe: <{link}>".encode()) == 1, "broken or encoded it would be of no use"
    assert letter.part("plain").count(link) == letter.part("html").count(link) == 2
    return link


def address_in(link: str, reach: Reach) -> str:
    base, _, token = link.rpartition("/")
    assert base == f"https://motcua.caobang.example.vn{optout_link.PATH}"
    return optout_link.address_of(token, reach.desk.clock.now())


def test_a_letter_has_a_link_that_stops_the_letters_to_its_address(reach: Reach) -> None:
    case = reach.opened()
    reach.tell(case, "result_ready", **RESULT)
    deliver(reach.desk)
    (letter,) = reach.letters(case)
    assert address_in(link_in(letter), reach) == EMAIL


def test_a_letter_to_an_address_that_was_corrected_has_the_link_of_that_address(reach: Reach) -> None:
    case = reach.opened()
    reach.mail.answers["RCPT"] = ["450 4.2.1 mailbox busy"]
    reach.tell(case, "result_ready", **RESULT)
    deliver(reach.desk)
    assert reach.letters(case) == []
    case.register(applicant={"name": "Bế Đức Hiếu", "phone": PHONE, "email": "hieu.moi@example.vn"})
    reach.at(reach.desk.clock.now() + timedelta(hours=1))
    (letter,) = reach.letters(case)
    assert letter.recipient == "hieu.moi@example.vn"
    assert address_in(link_in(letter), reach) == "hieu.moi@example.vn"


def test_before_anything_is_known_a_letter_says_so(reach: Reach) -> None:
    case = reach.opened()
    reach.tell(case, "withdrawn")
    deliver(reach.desk)
    (letter,) = reach.letters(case)
    assert "Thời điểm tiếp nhận: chưa tiếp nhận" in letter.part("plain")
    assert "Hẹn trả kết quả: sẽ được thông báo" in letter.part("plain")


def test_at_night_the_letter_comes_at_once_and_the_text_in_the_morning(reach: Reach) -> None:
    case = reach.opened()
    reach.desk.clock.at(at("2026-03-02 23:30"))
    reach.tell(case, "result_ready", **RESULT)
    deliver(reach.desk)
    assert (len(reach.letters(case)), reach.texts(case)) == (1, [])
    waiting = reach.row(f"{case.code}:citizen.result_ready:once@sms")
    assert waiting is not None
    assert (waiting.state, waiting.due_at, waiting.attempts) == (OutboxState.PENDING, at("2026-03-03 07:00"), 0)
    reach.at(at("2026-03-03 06:59"))
    assert reach.texts(case) == []
    reach.at(at("2026-03-03 07:00"))
    assert len(reach.texts(case)) == 1


def test_a_text_that_is_tried_again_waits_for_the_morning_as_well(reach: Reach) -> None:
    case = reach.opened()
    reach.gateway.answers = [503]
    reach.desk.clock.at(at("2026-03-02 20:59:58"))
    reach.tell(case, "result_ready", **RESULT)
    deliver(reach.desk)
    reach.at(at("2026-03-02 21:30"))
    waiting = reach.row(f"{case.code}:citizen.result_ready:once@sms")
    assert waiting is not None
    assert (waiting.attempts, waiting.due_at) == (1, at("2026-03-03 07:00"))
    reach.at(at("2026-03-03 07:00"))
    assert len(reach.texts(case)) == 1


def test_a_fixed_line_gets_the_letter_alone(reach: Reach) -> None:
    case = reach.opened(phone=FIXED_LINE)
    reach.tell(case, "result_ready", **RESULT)
    deliver(reach.desk)
    assert (len(reach.letters(case)), reach.texts(case)) == (1, [])
    assert destinations(case) == {"citizen": "sent", "citizen:email": "sent"}


@pytest.mark.parametrize("email", [None, "không có"])
def test_whom_nothing_reaches_a_person_is_asked_to_call(reach: Reach, email: str | None) -> None:
    case = reach.opened(phone=FIXED_LINE, email=email)
    reach.tell(case, "result_ready", **RESULT)
    deliver(reach.desk)
    row = reach.row(f"{case.code}:citizen.result_ready:once")
    assert row is not None
    assert row.state is OutboxState.PARKED
    assert row.trouble is not None
    assert "call or write" in row.trouble
    assert "the telephone is no mobile and takes no SMS" in row.trouble
    with reach.desk.read() as session:
        found = watch.attention(session, reach.desk.context, reach.desk.office)
    assert any(case.code in str(one) for one in found if one.kind == "message-undelivered")


def test_a_dossier_that_is_corrected_is_told_when_the_message_is_sent_again(reach: Reach) -> None:
    case = reach.opened(phone=FIXED_LINE, email="hieu.be@")
    reach.tell(case, "result_ready", **RESULT)
    deliver(reach.desk)
    case.register(applicant={"name": "Bế Đức Hiếu", "phone": FIXED_LINE, "email": EMAIL})
    with reach.desk.context.database.write() as session:
        assert send_again(session, f"{case.code}:citizen.result_ready:once", reach.desk.clock.now())
    deliver(reach.desk)
    assert len(reach.letters(case)) == 1


def test_an_address_that_the_mail_server_does_not_know_is_parked_and_nobody_else_waits(reach: Reach) -> None:
    case, other = reach.opened(), reach.opened()
    reach.mail.answers["RCPT"] = [f"550 5.1.1 <{EMAIL}>: no such user"]
    reach.tell(case, "withdrawn")
    deliver(reach.desk)
    row = reach.row(f"{case.code}:citizen.withdrawn:once@email")
    assert row is not None
    assert (row.state, row.attempts) == (OutboxState.PARKED, 1)
    assert row.trouble == "550 5.1.1 <(e-mail)>: no such user"
    assert len(reach.texts(case)) == 1
    reach.tell(other, "withdrawn")
    deliver(reach.desk)
    assert len(reach.letters(other)) == 1


def test_a_refused_letter_goes_to_the_corrected_address_when_it_is_sent_again(reach: Reach) -> None:
    case = reach.opened(email="heiu.be@example.vn")
    reach.mail.answers["RCPT"] = ["550 5.1.1 no such user"]
    reach.tell(case, "withdrawn")
    deliver(reach.desk)
    case.register(applicant={"name": "Bế Đức Hiếu", "phone": PHONE, "email": EMAIL})
    with reach.desk.context.database.write() as session:
        assert send_again(session, f"{case.code}:citizen.withdrawn:once@email", reach.desk.clock.now())
    deliver(reach.desk)
    (letter,) = reach.letters(case)
    assert letter.recipient == EMAIL


def test_a_full_mailbox_is_tried_again(reach: Reach) -> None:
    case = reach.opened()
    reach.mail.answers["RCPT"] = ["452 4.2.2 mailbox full"]
    reach.tell(case, "withdrawn")
    deliver(reach.desk)
    assert reach.letters(case) == []
    reach.at(reach.desk.clock.now() + timedelta(seconds=10))
    assert len(reach.letters(case)) == 1


def test_who_opted_out_hears_no_courtesies_and_by_one_way_what_the_law_wants(reach: Reach) -> None:
    case = reach.opened()
    reach.opt_out(PHONE, EMAIL.upper())
    reach.tell(case, "result_delivered", at=at("2026-03-02 09:00"))
    deliver(reach.desk)
    assert (reach.letters(case), reach.texts(case)) == ([], [])
    assert destinations(case) == {"citizen": "sent"}
    reach.tell(case, "supplement_requested", reason="thiếu bản sao")
    deliver(reach.desk)
    assert (len(reach.letters(case)), reach.texts(case)) == (1, [])


def test_who_opted_out_of_letters_is_told_by_text(reach: Reach) -> None:
    case = reach.opened()
    reach.opt_out(EMAIL)
    reach.tell(case, "supplement_requested", reason="thiếu bản sao")
    deliver(reach.desk)
    assert (reach.letters(case), len(reach.texts(case))) == ([], 1)


def test_the_story_of_a_dossier_tells_only_what_arrived(reach: Reach) -> None:
    case = reach.opened()

    def told() -> list[str]:
        return [moment.what_vi for moment in case.timeline() if moment.source == "message"]

    reach.opt_out(PHONE, EMAIL)
    reach.tell(case, "result_delivered", at=at("2026-03-02 09:00"))
    reach.mail.answers["RCPT"] = ["452 4.2.2 mailbox full"]
    reach.tell(case, "supplement_requested", reason="thiếu bản sao")
    deliver(reach.desk)
    assert told() == []
    reach.at(reach.desk.clock.now() + timedelta(seconds=10))
    (only,) = told()
    assert "đề nghị bổ sung: thiếu bản sao" in only


def test_nothing_that_is_kept_in_clear_or_logged_names_the_citizen(
    reach: Reach, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    case = reach.opened()
    reach.mail.answers["RCPT"] = [f"550 5.1.1 <{EMAIL}>: no such user"]
    reach.gateway.answers = [422]
    reach.tell(case, "result_ready", **RESULT)
    deliver(reach.desk)
    with reach.desk.read() as session:
        answers = list(session.scalars(select(OutboxAttempt.answer)))
    written = capsys.readouterr()
    for seen in (*answers, written.out, written.err, caplog.text):
        assert not any(told in seen for told in (EMAIL, "919393275", "Bế Đức Hiếu", "mời Ông/Bà"))
