"""Papers are printed from where a clerk is, by who may, and each print is noted."""

from __future__ import annotations

from tests.support.board import Colleague
from tests.support.desk import TestDesk
from tests.worker.web.board.cases import at_the_desk
from tests.worker.web.board.conftest import As
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
