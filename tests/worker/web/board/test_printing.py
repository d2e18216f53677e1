"""Papers are printed from where a clerk is, by who may, and each print is noted."""

from __future__ import annotations

from dispatch.forms import Direction, HandoverForm, SignatureForm
from dispatch.handovers import draw_up
from dispatch.supplement_form import forms_of
from tests.support.board import Colleague
from tests.support.desk import AGENCY, CARRIER, TestDesk
from tests.worker.web.board.cases import at_the_desk, result_with_the_post
from tests.worker.web.board.conftest import As
from tracking.acceptance import sign_handover
from worker.access import audit
from worker.access.roles import Role


def test_a_label_is_printed_and_noted(desk: TestDesk, officer: Colleague, registered: str) -> None:
    number = at_the_desk(desk, registered)
    page = officer.page(f"/board/dossiers/{registered}")
    assert "Print the label" in page
    answer = officer.send(page, "/board/print", kind="label", subject=number)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    with desk.read() as session:
        entry = audit.entries(session, subject=number)[0]
    assert (entry.action, entry.details["kind"]) == ("document.printed", "label")


def test_nobody_prints_another_agencys_papers_or_without_the_permission(
    desk: TestDesk, colleague: As, registered: str
) -> None:
    number = at_the_desk(desk, registered)
    stranger, auditor = colleague(Role.OFFICER, "H14.99"), colleague(Role.AUDITOR)
    assert stranger.send(stranger.page("/board"), "/board/print", kind="label", subject=number).status_code == 404
    assert stranger.send(stranger.page("/board"), "/board/print", kind="handover", subject="99999").status_code == 404
    assert auditor.send(auditor.page("/board"), "/board/print", kind="label", subject=number).status_code == 403
    assert "Print the label" not in auditor.page(f"/board/dossiers/{registered}")


def rejected(desk: TestDesk, number: str) -> None:
    """Let the counter reject the papers of an order, for want of one."""
    verdict = {"order": number, "accepted": False, "missing_papers": ["Giấy tờ tùy thân"]}
    signed = {"signed_at": desk.clock.now(), "officer": "Hà Thị Mai", "postman": "Lý Văn Hải", "lines": [verdict]}
    record = HandoverForm(agency=AGENCY, carrier=CARRIER, direction=Direction.TO_AGENCY, orders=[number])
    with desk.context.database.write() as session:
        drawn, _ = draw_up(session, record, desk.clock.now())
        sign_handover(session, desk.context, desk.office, drawn.id, SignatureForm.model_validate(signed))


def test_what_the_counter_asks_for_is_on_the_dossiers_page_and_printed(
    desk: TestDesk, officer: Colleague, colleague: As, registered: str
) -> None:
    rejected(desk, at_the_desk(desk, registered))
    with desk.read() as session:
        (form,) = forms_of(session, registered)
    page = officer.page(f"/board/dossiers/{registered}")
    asked = page[page.index('<section id="supplements"') : page.index('<section id="story"')]
    assert form.number in asked
    assert "<bdi>Giấy tờ tùy thân</bdi>" in asked
    printed = officer.send(page, "/board/print", kind="supplement", subject=form.number)
    assert printed.content.startswith(b"%PDF")
    stranger = colleague(Role.OFFICER, "H14.99")
    for number in (form.number, "PYCBS-none-1"):
        refused = stranger.send(stranger.page("/board"), "/board/print", kind="supplement", subject=number)
        assert refused.status_code == 404


def test_the_notice_of_a_result_that_could_not_be_delivered_is_printed(
    desk: TestDesk, officer: Colleague, registered: str
) -> None:
    number = result_with_the_post(desk, registered, 5)
    page = officer.page("/board/results", agency=AGENCY)
    failed = page[page.index("Could not be delivered") : page.index("Brought back, to be counted")]
    assert "Print the notice" in failed
    assert officer.send(page, "/board/print", kind="undeliverable", subject=number).content.startswith(b"%PDF")
