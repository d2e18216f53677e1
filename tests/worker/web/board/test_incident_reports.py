"""An incident is reported at the board: by a form, once, with refusals beside their field; it leads to its page."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from config.clock import local
from tests.support.board import Colleague
from tests.support.desk import AGENCY, MONDAY, TestDesk
from tests.tracking.case import COLLECTED, Case
from tests.worker.web.board.cases import at_the_desk
from tests.worker.web.board.conftest import As
from tests.worker.web.board.test_handovers import drawn, signed
from tracking.incidents.facts import IncidentKind
from tracking.incidents.records import Standing, standings
from tracking.incidents.rows import incidents_of
from worker.access import audit
from worker.access.roles import Role

_ONCE = re.compile(r'name="once" value="([0-9a-f]{16})"')


@pytest.fixture
def parcel(desk: TestDesk, registered: str) -> str:
    """The number of an order whose papers the postman has."""
    desk.clock.at(MONDAY)
    (number,) = desk.order("send", dossier=registered)
    desk.work()
    Case(desk, registered).reported(number, COLLECTED, f"{local(MONDAY):%Y-%m-%d %H:%M}")
    return number


def place(code: str) -> str:
    return f"/board/dossiers/{code}/incident"


def said(number: str, **more: Any) -> dict[str, Any]:
    """What a clerk fills in, who has seen a torn envelope."""
    return {"kind": "torn", "order": number, "what": "mép bì bị rách", "by": "Lý Văn Hải", **more}


def report(who: Colleague, code: str, **fields: Any) -> httpx.Response:
    """Open the form, fill it in and send it."""
    page = who.page(place(code))
    once = _ONCE.search(page)
    assert once
    return who.send(page, place(code), **{"once": once.group(1), **fields})


def known(desk: TestDesk, code: str) -> list[Standing]:
    with desk.read() as session:
        return standings(session, desk.office, incidents_of(session, code))


def test_an_officer_reports_a_torn_package_and_goes_on_at_its_page(
    desk: TestDesk, officer: Colleague, registered: str, parcel: str
) -> None:
    dossier = officer.page(f"/board/dossiers/{registered}")
    assert "Nothing has gone wrong with its papers so far." in dossier
    assert f'href="{place(registered)}"' in dossier
    at = MONDAY - timedelta(minutes=20)
    fields = said(parcel, papers=["Tờ khai"], at=f"{local(at):%Y-%m-%dT%H:%M}")
    done = report(officer, registered, **fields)
    (one,) = known(desk, registered)
    assert done.url.path == f"/board/incidents/{one.row.id}"
    assert "The incident is reported. Add what shows it" in done.text
    assert f'href="/board/incidents/{one.row.id}/evidence"' in done.text
    assert f'data-taken="incident-{registered}-new"' in done.text
    opened = one.incident.opened
    assert (opened.kind, opened.what, opened.by) == (IncidentKind.TORN, "Tờ khai: mép bì bị rách", "Lý Văn Hải")
    assert (opened.at, one.row.order_number) == (at, parcel)
    assert one.row.id in officer.page("/board", kind="incident-open")
    with desk.read() as session:
        (entry,) = [one for one in audit.entries(session, subject=registered) if one.action == "incident.reported"]
    assert (entry.actor, entry.agency) == ("officer@caobang.gov.vn", AGENCY)
    assert entry.details == {"incident": one.row.id, "kind": "torn"}


def test_what_the_post_has_lost_is_planned_to_be_issued_again(
    desk: TestDesk, officer: Colleague, registered: str, parcel: str
) -> None:
    done = report(officer, registered, **said(parcel, kind="lost", what="mất túi thư"))
    assert "file a written complaint with the post" in done.text
    (one,) = known(desk, registered)
    assert one.incident.open_steps


def test_a_slip_that_is_lost_concerns_no_order(
    desk: TestDesk, officer: Colleague, registered: str, parcel: str
) -> None:
    report(officer, registered, **said("none", kind="slip_lost", what="công dân mất giấy hẹn"))
    (one,) = known(desk, registered)
    assert (one.incident.kind, one.row.order_number) == (IncidentKind.SLIP_LOST, None)


def test_a_dossier_without_orders_asks_for_none(desk: TestDesk, officer: Colleague, registered: str) -> None:
    page = officer.page(place(registered))
    assert "Which order" not in page
    assert '<input type="hidden" name="order" value="none">' in page
    report(officer, registered, **said("none"))
    assert len(known(desk, registered)) == 1


def test_a_double_click_reports_one_incident_and_other_words_are_not_taken_for_it(
    desk: TestDesk, officer: Colleague, registered: str, parcel: str
) -> None:
    page = officer.page(place(registered))
    once = _ONCE.search(page)
    assert once
    fields = said(parcel, once=once.group(1))
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: officer.send(page, place(registered), **fields).text, range(2)))
    assert sorted("Nothing was changed by sending the form once more" in text for text in both) == [False, True]
    desk.clock.at(MONDAY + timedelta(minutes=5))
    assert "Nothing was changed" in officer.send(page, place(registered), **fields).text
    changed = officer.send(page, place(registered), **{**fields, "what": "bì bị ướt"})
    assert changed.status_code == 409
    assert "sent before with other words" in changed.text
    assert 'value="bì bị ướt"' in changed.text
    assert once.group(1) not in changed.text
    assert len(known(desk, registered)) == 1
    with desk.read() as session:
        actions = [entry.action for entry in audit.entries(session, subject=registered)]
    assert actions.count("incident.reported") == 1
    another = report(officer, registered, **said(parcel, what="bì bị ướt", kind="wet"))
    assert "The incident is reported." in another.text
    assert len(known(desk, registered)) == 2


@pytest.mark.parametrize(
    ("fields", "told", "beside"),
    [
        ({"kind": ""}, "Fill this in.", "kind"),
        ({"kind": "stolen"}, "Choose one of them.", "kind"),
        ({"kind": "wrong_recipient"}, "Fill this in.", "kind"),
        ({"order": ""}, "Fill this in.", "order"),
        ({"order": "H14.10-260302-9999-S1"}, "Fill this in.", "order"),
        ({"what": " "}, "Fill this in.", "what"),
        ({"what": "a\x00b"}, "characters that cannot be kept", "what"),
        ({"what": "x" * 299, "papers": ["Tờ khai"]}, "It is too long", "what"),
        ({"by": ""}, "Fill this in.", "by"),
        ({"at": "2026-13-02"}, "Write the day and the time", "at"),
        ({"at": "2026-03-03T10:00"}, "has not come yet", "at"),
    ],
)
def test_a_refusal_is_said_beside_its_field_with_what_was_typed_still_there(
    desk: TestDesk, officer: Colleague, registered: str, parcel: str, fields: dict[str, Any], told: str, beside: str
) -> None:
    filled = said(parcel, **{"papers": ["Giấy tờ tùy thân"], **fields})
    answer = report(officer, registered, **filled)
    assert answer.status_code == 422
    wrong = re.search(rf'<p class="wrong" id="wrong-{beside}">([^<]+)</p>', answer.text)
    assert wrong, answer.text
    assert told in wrong.group(1)
    assert f'wrong-{beside}"' in answer.text.replace(wrong.group(0), "")
    typed = [filled[name] for name in ("what", "by") if name != beside]
    typed += [f"{filled[name]}" for name in ("kind", "order") if name != beside]
    assert all(f'value="{html.escape(value)}"' in answer.text for value in typed)
    assert answer.text.count(" checked") == 3 - (beside in ("kind", "order"))
    assert known(desk, registered) == []


def test_everything_that_is_wrong_is_said_at_once(officer: Colleague, registered: str, parcel: str) -> None:
    answer = report(officer, registered, at="yesterday")
    assert re.findall(r'id="wrong-(\w+)"', answer.text) == ["kind", "order", "what", "by", "at"]


def test_who_looks_for_the_form_sees_what_is_open_already(officer: Colleague, registered: str, parcel: str) -> None:
    assert "Open already" not in officer.page(place(registered))
    number = report(officer, registered, **said(parcel)).url.path.rpartition("/")[2]
    page = officer.page(place(registered))
    assert "Open already" in page
    assert f'href="/board/incidents/{number}"' in page


def test_rejected_papers_lead_from_their_record_to_a_form_that_knows_them(
    desk: TestDesk, colleague: As, registered: str
) -> None:
    clerk, number = colleague(Role.CLERK), at_the_desk(desk, registered)
    record = drawn(clerk, number)
    assert place(registered) not in record.text, "nothing is rejected before both have signed"
    done = signed(clerk, record, number, "reject", **{f"missing:{number}": "Giấy tờ tùy thân", f"seal:{number}": "yes"})
    (link,) = re.findall(rf'href="({re.escape(place(registered))}[^"]*)"', done.text)
    page = clerk.page(html.unescape(link))
    for name, value in (("kind", "missing"), ("order", number), ("papers", "Giấy tờ tùy thân")):
        assert re.search(rf'name="{name}" value="{value}" checked', page), name
    assert page.count(" checked") == 3


def test_papers_that_were_accepted_are_no_incident(desk: TestDesk, colleague: As, registered: str) -> None:
    clerk, number = colleague(Role.CLERK), at_the_desk(desk, registered)
    assert place(registered) not in signed(clerk, drawn(clerk, number), number).text


@pytest.mark.parametrize("verdict", ["accept", "reject"])
def test_what_differs_from_the_slip_is_not_reported_twice(
    desk: TestDesk, colleague: As, registered: str, verdict: str
) -> None:
    clerk, number = colleague(Role.CLERK), at_the_desk(desk, registered)
    more = {f"discrepancy:{number}": "thiếu một bản sao", f"reason:{number}": "không khớp", f"seal:{number}": "yes"}
    done = signed(clerk, drawn(clerk, number), number, verdict, **more)
    assert "Differs from the slip" in done.text
    assert place(registered) not in done.text
    assert [one.incident.kind for one in known(desk, registered)] == [IncidentKind.DISCREPANCY]


# --- who ---


def test_a_clerk_reports_and_an_auditor_only_reads(desk: TestDesk, colleague: As, registered: str, parcel: str) -> None:
    auditor, clerk = colleague(Role.AUDITOR), colleague(Role.CLERK)
    page = auditor.page(f"/board/dossiers/{registered}")
    assert place(registered) not in page
    assert auditor.get(place(registered)).status_code == 403
    assert auditor.send(page, place(registered), **said(parcel)).status_code == 403
    assert known(desk, registered) == []
    with desk.read() as session:
        assert audit.entries(session, actor="auditor@caobang.gov.vn")[0].action == "permission.refused"
    assert "The incident is reported." in report(clerk, registered, **said(parcel)).text


def test_another_agencys_dossier_is_answered_as_one_that_is_not_there(
    desk: TestDesk, colleague: As, registered: str, parcel: str
) -> None:
    stranger, missing = colleague(Role.SUPERVISOR, "H14.99"), "H14.10-260302-9999"
    page = stranger.page("/board")
    foreign, unknown = (stranger.get(place(code)) for code in (registered, missing))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.text.replace(registered, missing) == unknown.text
    foreign, unknown = (stranger.send(page, place(code), **said(parcel)) for code in (registered, missing))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.text.replace(registered, missing) == unknown.text
    assert known(desk, registered) == []


def test_a_form_of_another_session_is_refused(desk: TestDesk, officer: Colleague, registered: str, parcel: str) -> None:
    answer = officer.http.post(place(registered), data={"csrf_token": "x" * 43, **said(parcel)})
    assert answer.status_code == 403
    assert known(desk, registered) == []


def test_it_is_asked_for_in_vietnamese(colleague: As, registered: str, parcel: str) -> None:
    page = colleague(Role.OFFICER, language="vi").page(place(registered))
    assert "Loại sự cố" in page
    assert "bao gói bị rách" in page
    assert "phát nhầm người</span>" not in page
