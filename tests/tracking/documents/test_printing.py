"""Documents printed from what has happened to a dossier."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from dispatch.documents.kinds import DocumentKind
from dispatch.documents.register import DocumentPrint
from dispatch.documents.render import render
from dispatch.forms import Direction, HandoverForm
from dispatch.handovers import draw_up
from dispatch.problems import Problem
from dispatch.supplement_form import forms_of
from tests.support.desk import AGENCY, CARRIER, TestDesk
from tests.support.pdfs import codes_in, page_count, squeezed, text_of
from tests.tracking.apologies.letters_of import letters, round_of_the_watch, sign
from tests.tracking.case import Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.homeward import brought_back, failed, on_its_way
from tracking.documents import printing
from tracking.documents.printing import MOST, Printed, print_documents

pytestmark = ON_SQLITE


def prints(case: Case, kind: DocumentKind, *subjects: str) -> Printed:
    return print_documents(case.desk.context, case.desk.office, kind, subjects, "Hà Thị Mai")


def refused(case: Case, kind: DocumentKind, *subjects: str) -> Problem:
    with pytest.raises(Problem) as problem:
        prints(case, kind, *subjects)
    assert problem.value.next_step
    assert problem.value.next_step_vi
    return problem.value


def drawn_up(case: Case, *numbers: str, direction: str = "to_agency") -> str:
    form = HandoverForm(agency=AGENCY, carrier=CARRIER, direction=Direction(direction), orders=list(numbers))
    with case.desk.context.database.write() as session:
        return str(draw_up(session, form, case.desk.clock.now())[0].id)


def test_a_slip_lists_what_the_postman_will_count_and_waits_for_both_to_sign(case: Case) -> None:
    case.order("both")
    printed = prints(case, DocumentKind.SLIP, case.s1)
    said = text_of(printed.pdf)
    for part in ("DỰ THẢO / DRAFT", "Bế Đức Hiếu", "0919 393 275", "Sở Tư pháp", "hộ tịch", "Giấy tờ tùy thân", "J+2"):
        assert part in said
    assert "Thông tư 17/2017/TT-BTTTT, Điều 7(2)" in said
    assert codes_in(printed.pdf, dots_per_inch=300) == {("QRCode", case.s1)}


def test_a_label_shows_as_little_as_delivers_the_parcel(case: Case) -> None:
    case.order("both")
    printed = prints(case, DocumentKind.LABEL, case.s1)
    said = text_of(printed.pdf)
    assert "091****275" in said
    assert squeezed("0919393275") not in squeezed(said)
    assert "hộ tịch" not in said
    assert "004412799013" not in said
    assert codes_in(printed.pdf) == {("Code128", case.s1), ("QRCode", case.s1)}


def test_a_label_printed_again_is_a_copy_and_another_address_is_another_label(case: Case) -> None:
    case.order("both")
    first, again = (prints(case, DocumentKind.LABEL, case.s1) for _ in range(2))
    assert "COPY" not in text_of(first.pdf)
    assert "BẢN SAO / COPY In lại lần 1" in text_of(again.pdf)
    assert first.issues[0].number == again.issues[0].number


def test_a_result_has_a_slip_only_when_there_is_one_and_the_record_signs_it(case: Case) -> None:
    case.order("receive")
    assert refused(case, DocumentKind.SLIP, case.r1).kind == "nothing-to-send-yet"
    case.happens("accepted", "2026-03-02 08:30")
    case.finished("2026-03-02 15:00")
    assert "DRAFT" in text_of(prints(case, DocumentKind.SLIP, case.r1).pdf)
    case.signed(case.r1, "2026-03-03 08:00", direction="to_post")
    said = text_of(prints(case, DocumentKind.SLIP, case.r1).pdf)
    assert "DRAFT" not in said
    for part in ("PHIẾU GỬI KẾT QUẢ", "Kết quả", "Hoàng Thị Lan", "Nông Văn Páo", "BBGN-"):
        assert part in said


def test_a_record_is_a_draft_until_signed_and_then_shows_what_was_signed_for_ever(case: Case) -> None:
    case.order("send")
    case.arrives()
    record = drawn_up(case, case.s1)
    draft = prints(case, DocumentKind.HANDOVER, record)
    assert "DỰ THẢO / DRAFT" in text_of(draft.pdf)
    case.signed(case.s1, "2026-03-02 16:00")
    signed = prints(case, DocumentKind.HANDOVER, record)
    assert (signed.issues[0].copy_no, "DRAFT" in text_of(signed.pdf)) == (0, False)
    case.register(agency={"code": AGENCY, "name": "Sở Tư pháp và Nội vụ"})
    again = prints(case, DocumentKind.HANDOVER, record)
    said = text_of(again.pdf)
    assert again.issues[0].number == signed.issues[0].number
    assert said.replace("BẢN SAO / COPY In lại lần 1 / reprint 1 ", "") == text_of(signed.pdf)
    assert "Tờ khai (01 bản chính); Giấy tờ tùy thân (01 bản sao)" in said
    assert "Nội vụ" not in said


def test_a_rejected_line_says_why_and_form_02_asks_in_the_words_of_its_issue(case: Case) -> None:
    case.order("send")
    case.arrives()
    record = drawn_up(case, case.s1)
    case.signed(case.s1, "2026-03-02 16:00", accepted=False, missing_papers=["Giấy tờ tùy thân"], reason="bản sao mờ")
    said = text_of(prints(case, DocumentKind.HANDOVER, record).pdf)
    assert "Từ chối / rejected" in said
    assert "bản sao mờ" in said
    with case.desk.read() as session:
        (form,) = forms_of(session, case.code)
    asked = squeezed(text_of(prints(case, DocumentKind.SUPPLEMENT, form.number).pdf))
    *lines, _signed_by = form.text_vi.split("\n")
    assert all(squeezed(line) in asked for line in lines)
    assert squeezed(form.officer) in asked


def test_an_apology_is_printed_in_the_very_words_that_were_signed(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.now("2026-03-04 09:00")
    round_of_the_watch(case)
    (letter,) = letters(case)
    assert "DỰ THẢO / DRAFT" in text_of(prints(case, DocumentKind.APOLOGY, str(letter.id)).pdf)
    sign(case, "2026-03-04 09:30", reason="chờ ý kiến Sở #1 $x$\n\n----------\n\nhết")
    said = text_of(prints(case, DocumentKind.APOLOGY, str(letter.id)).pdf)
    for part in (
        "Mẫu 04",
        "Kính gửi: Bế Đức Hiếu",
        "chờ ý kiến Sở #1 $x$",
        "Hà Thị Mai",
        "APOLOGY AND REQUEST FOR MORE TIME",
    ):
        assert part in said
    assert "DRAFT" not in said
    assert "COPY" in text_of(prints(case, DocumentKind.APOLOGY, str(letter.id)).pdf)


def test_an_apology_that_is_owed_no_longer_is_not_printed(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.now("2026-03-04 09:00")
    round_of_the_watch(case)
    (letter,) = letters(case)
    case.finished("2026-03-04 10:00")
    round_of_the_watch(case)
    assert refused(case, DocumentKind.APOLOGY, str(letter.id)).status == 409


def test_the_notice_tells_the_days_that_the_law_gives(case: Case) -> None:
    on_its_way(case)
    failed(case, "receiver_absent", "2026-03-03 10:00")
    first = text_of(prints(case, DocumentKind.UNDELIVERABLE, case.r1).pdf)
    assert "Lần mời thứ hai không sớm hơn ngày 05/03/2026" in first
    assert "người nhận vắng mặt" in first
    failed(case, "receiver_absent", "2026-03-05 10:00")
    second = prints(case, DocumentKind.UNDELIVERABLE, case.r1)
    assert "chuyển hoàn về Sở Tư pháp từ ngày 09/03/2026" in text_of(second.pdf)
    assert second.issues[0].copy_no == 0


def test_the_notice_of_what_has_come_back_invites_to_the_counter(case: Case) -> None:
    brought_back(case)
    said = text_of(prints(case, DocumentKind.UNDELIVERABLE, case.r1).pdf)
    assert "đang chờ tại Sở Tư pháp" in said
    assert case.code in said


def test_a_refused_result_goes_back_without_invitations_and_the_decision_stands(case: Case) -> None:
    on_its_way(case)
    failed(case, "refused", "2026-03-03 10:00")
    said = text_of(prints(case, DocumentKind.UNDELIVERABLE, case.r1).pdf)
    assert "Quyết định của cơ quan vẫn có hiệu lực" in said
    assert "Lần mời thứ hai" not in said


def test_the_manifest_lists_what_waits_for_the_postman_with_whom_he_has_to_call(case: Case) -> None:
    case.order("receive")
    case.happens("accepted", "2026-03-02 08:30")
    case.finished("2026-03-02 15:00")
    case.desk.work()
    printed = prints(case, DocumentKind.MANIFEST, f"{AGENCY}:{CARRIER}")
    said = text_of(printed.pdf)
    assert case.r1 in said
    assert "0919 393 275" in said
    assert ("QRCode", case.r1) in codes_in(printed.pdf, dots_per_inch=300)


def test_several_lie_in_one_file_in_the_order_in_which_they_were_named(shared_desk: TestDesk) -> None:
    cases = [Case.opened(shared_desk) for _ in range(4)]
    for one in cases:
        one.order("send")
    printed = prints(cases[0], DocumentKind.LABEL, *(one.s1 for one in reversed(cases)), cases[0].s1)
    assert page_count(printed.pdf) == 4
    for page, one in enumerate(reversed(cases)):
        assert one.s1 in text_of(printed.pdf, page)


@pytest.mark.parametrize(
    ("kind", "subject", "expected"),
    [
        (DocumentKind.SLIP, "H14.10-none-S1", "unknown-order"),
        (DocumentKind.LABEL, "H14.10-none-S1", "unknown-order"),
        (DocumentKind.HANDOVER, "999999", "unknown-handover"),
        (DocumentKind.HANDOVER, "BBGN-1", "unknown-handover"),
        (DocumentKind.HANDOVER, "9" * 40, "unknown-handover"),
        (DocumentKind.APOLOGY, "999999", "unknown-apology"),
        (DocumentKind.APOLOGY, "²", "unknown-apology"),
        (DocumentKind.SUPPLEMENT, "PYCBS-none", "unknown-supplement-form"),
        (DocumentKind.MANIFEST, "H14.99:ems", "nothing-to-collect"),
        (DocumentKind.MANIFEST, "H14.10", "nothing-to-collect"),
        (DocumentKind.UNDELIVERABLE, "H14.10-none-R1", "unknown-order"),
    ],
)
def test_who_names_what_there_is_not_is_told_the_next_step(
    case: Case, kind: DocumentKind, subject: str, expected: str
) -> None:
    assert refused(case, kind, subject).kind == expected


def test_a_result_that_is_on_its_way_is_not_undeliverable(case: Case) -> None:
    on_its_way(case)
    assert refused(case, DocumentKind.UNDELIVERABLE, case.r1).kind == "not-undeliverable"


def test_one_wrong_order_among_many_stops_the_file_and_is_named_and_nothing_is_counted(case: Case) -> None:
    case.order("send")
    before = how_many_prints(case)
    problem = refused(case, DocumentKind.LABEL, case.s1, "H14.10-none-S1")
    assert [one["subject"] for one in problem.extra["subjects"]] == ["H14.10-none-S1"]
    assert how_many_prints(case) == before


def test_too_many_or_none_are_refused(case: Case) -> None:
    assert refused(case, DocumentKind.LABEL).kind == "documents"
    assert str(MOST) in refused(case, DocumentKind.LABEL, *(f"o-{n}" for n in range(MOST + 1))).detail


def test_who_prints_while_somebody_else_does_gets_the_number_that_was_left(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between foreseeing the numbers and the register's word another print is quicker: the file is drawn again."""
    other = Case.opened(case.desk)
    for one in (case, other):
        one.order("send")
    draw, quicker = render, list[Printed]()

    def slowly(*given: object) -> bytes:
        pdf = draw(*given)  # type: ignore[arg-type]
        if not quicker:
            monkeypatch.setattr(printing, "render", draw)
            quicker.append(prints(other, DocumentKind.LABEL, other.s1))
        return pdf

    monkeypatch.setattr(printing, "render", slowly)
    printed = prints(case, DocumentKind.LABEL, case.s1)
    assert printed.issues[0].number != quicker[0].issues[0].number
    assert printed.issues[0].number in text_of(printed.pdf)


def how_many_prints(case: Case) -> int:
    with case.desk.read() as session:
        return session.scalar(select(func.count()).select_from(DocumentPrint)) or 0
