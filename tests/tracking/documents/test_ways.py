"""Slips and labels of what does not simply go from a citizen to a desk: signed, or several in one parcel."""

from __future__ import annotations

from dispatch.documents.kinds import DocumentKind
from tests.support.desk import TestDesk
from tests.support.pdfs import codes_in, text_of
from tests.tracking.case import Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.counting import FORM, booked, slip
from tests.tracking.documents.test_printing import prints, refused
from tests.tracking.test_parcels import together
from tests.tracking.test_riders import cancelled

pytestmark = ON_SQLITE


def test_a_signed_slip_shows_the_count_and_both_names(case: Case) -> None:
    booked(case)
    draft = prints(case, DocumentKind.SLIP, case.s1)
    slip(case, "2026-03-03 09:00", FORM, missing=["Giấy tờ tùy thân"], decision="send_anyway", seal_number="CB-0042")
    signed = prints(case, DocumentKind.SLIP, case.s1)
    said = text_of(signed.pdf)
    assert "DRAFT" in text_of(draft.pdf)
    assert "DRAFT" not in said
    for part in (f"PGHS-{case.s1}-1", "CB-0042", "Còn thiếu khi nhận", "09:00 03/03/2026", "05/03/2026"):
        assert part in said
    assert signed.issues[0].number != draft.issues[0].number


def test_a_parcel_has_one_label_and_each_dossier_in_it_its_own_slip(shared_desk: TestDesk) -> None:
    first, rider = Case.opened(shared_desk), Case.opened(shared_desk)
    for one in (first, rider):
        one.order("send")
    together(shared_desk, [first.s1, rider.s1])
    label = prints(first, DocumentKind.LABEL, first.s1)
    assert "Gồm 2 hồ sơ" in text_of(label.pdf)
    refusal = refused(first, DocumentKind.LABEL, rider.s1)
    assert (refusal.kind, refusal.extra["order_number"]) == ("no-label", first.s1)
    slips = prints(first, DocumentKind.SLIP, first.s1, rider.s1)
    assert [text_of(slips.pdf, page).count("PHIẾU GỬI HỒ SƠ") for page in (0, 1)] == [1, 1]
    assert codes_in(slips.pdf, 1, 300) == {("QRCode", rider.s1)}


def test_an_order_that_was_cancelled_has_no_label(case: Case) -> None:
    case.order("send")
    cancelled(case, case.s1)
    case.desk.work()
    assert refused(case, DocumentKind.LABEL, case.s1).kind == "no-label"
