"""An incident is worked on at the board: what is next, each fact by its form, once, and refusals beside their field."""

from __future__ import annotations

import hashlib
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest

from config.clock import VIETNAM
from dispatch.money.facts import money_of
from dispatch.money.kinds import Ledger, MoneyKind
from tests.support.board import Colleague
from tests.support.desk import MONDAY, TestDesk
from tests.worker.web.board.cases import incident
from tests.worker.web.board.conftest import As
from tracking.incidents.facts import IncidentKind
from tracking.incidents.records import Standing, standing_of
from worker.access import audit
from worker.access.roles import Role

SLIP = b"\xff\xd8\xff\xe0" + b"a photo of the slip" * 40
_POST = {"document": "1/KL", "party_at_fault": "post", "charge_vnd": "30000"}
_ONCE = re.compile(r'name="once" value="([0-9a-f]{16})"')


@pytest.fixture
def lost(desk: TestDesk, registered: str) -> str:
    """The id of an incident of papers that the post has lost."""
    desk.clock.at(MONDAY)
    return incident(desk, registered)


@pytest.fixture
def torn(desk: TestDesk, registered: str) -> str:
    """The id of an incident of a package that came torn."""
    desk.clock.at(MONDAY)
    return incident(desk, registered, IncidentKind.TORN)


def stands(desk: TestDesk, number: str) -> Standing:
    with desk.read() as session:
        return standing_of(session, desk.office, number)


def write(who: Colleague, number: str, fact: str, **fields: Any) -> httpx.Response:
    """Open the form for a fact, fill it in and send it."""
    path = f"/board/incidents/{number}/facts/{fact}"
    page = who.page(path)
    once = _ONCE.search(page)
    assert once, f"{fact} cannot be written down: {page}"
    return who.send(page, path, once=once.group(1), **fields)


def upload(who: Colleague, number: str, content: bytes, name: str = "slip.jpg", **fields: str) -> httpx.Response:
    path = f"/board/incidents/{number}/evidence"
    token = re.search(r'name="csrf_token" value="([^"]+)"', who.page(path))
    assert token
    said = {"csrf_token": token.group(1), "shows": "acceptance", **fields}
    return who.http.post(path, data=said, files={"file": (name, content, "image/jpeg")})


def noted(desk: TestDesk, subject: str, *, reading: bool = False) -> list[str]:
    with desk.read() as session:
        actions = [entry.action for entry in audit.entries(session, subject=subject)]
    return [action for action in actions if reading or not action.endswith(".read")]


def test_a_lost_dossier_is_worked_on_from_the_alarm_to_its_end(
    desk: TestDesk, officer: Colleague, registered: str, lost: str
) -> None:
    page = officer.page(f"/board/incidents/{lost}")
    assert "file a written complaint with the post" in page
    assert page.index("Write down the complaint") < page.index("Write down a cost")
    assert "within 6 months" in page
    kept = upload(officer, lost, SLIP, caption="phiếu gửi")
    assert "The file is kept as evidence." in kept.text
    complained = write(officer, lost, "complaint_filed", what="mất toàn bộ hồ sơ, số 5/CV")
    assert "It is written down." in complained.text
    assert '<time datetime="2026-03-09">' in complained.text, "five working days for the answer"
    assert "the post answers the complaint" in complained.text
    write(officer, lost, "complaint_answered", what="bưu điện nhận làm mất", at="2026-03-02T07:59")
    write(officer, lost, "cost", what="cấp lại bản chính", amount_vnd="50.000", borne_by="citizen")
    found = write(officer, lost, "finding", document="12/KL", party_at_fault="post", charge_vnd="30.000")
    assert "pay 170.000 đồng" in found.text
    assert '<time datetime="2026-04-01">' in found.text, "thirty days"
    paid = write(officer, lost, "compensation_paid", between="post:citizen", amount_vnd="170.000", document="PC-1")
    assert "Nothing is open." in paid.text
    write(officer, lost, "found", what="tìm thấy ở bưu cục")
    ended = write(officer, lost, "resolved", resolution="đã bồi thường")
    assert "close the incident" in ended.text
    closed = write(officer, lost, "closed")
    assert "The incident is closed" in closed.text
    one = stands(desk, lost)
    assert one.incident.closed_at is not None
    assert {said.form.by for said in one.facts[2:] if said.form.fact_id.startswith("board-")} == {"Hà Thị Mai"}
    with desk.read() as session:
        paid_facts = [fact for fact in money_of(session, registered) if fact.kind is MoneyKind.PAID]
        assert [fact.amount_vnd for fact in paid_facts if fact.ledger is Ledger.DAMAGES] == [170_000]
    assert noted(desk, lost) == ["incident.noted"] * 8 + ["incident.evidence-added"]


def test_it_is_reached_from_the_list_and_from_its_dossier(
    desk: TestDesk, officer: Colleague, registered: str, lost: str
) -> None:
    link = f'href="/board/incidents/{lost}"'
    assert link in officer.page("/board", kind="incident-open")
    assert link in officer.page(f"/board/dossiers/{registered}")
    desk.clock.at(MONDAY + timedelta(days=30))
    assert f'href="/board/incidents/{lost}/evidence"' in officer.page("/board", kind="incident-evidence-missing")
    assert link in officer.page("/board", kind="incident-idle")


def test_a_double_click_writes_one_fact_and_another_cost_is_another(
    desk: TestDesk, officer: Colleague, lost: str
) -> None:
    path = f"/board/incidents/{lost}/facts/cost"
    page = officer.page(path)
    once = _ONCE.search(page)
    assert once
    fields = {"what": "tắc xi", "amount_vnd": "50.000", "borne_by": "citizen", "once": once.group(1)}
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: officer.send(page, path, **fields).text, range(2)))
    assert sorted("Nothing was changed by sending the form once more" in text for text in both) == [False, True]
    desk.clock.at(MONDAY + timedelta(minutes=5))
    assert "Nothing was changed" in officer.send(page, path, **fields).text
    changed = officer.send(page, path, **{**fields, "amount_vnd": "60.000"})
    assert changed.status_code == 409
    assert "sent before with other words" in changed.text
    assert 'value="60.000"' in changed.text
    assert (
        "It is written down." in write(officer, lost, "cost", **{k: v for k, v in fields.items() if k != "once"}).text
    )
    assert [cost.amount_vnd for cost in stands(desk, lost).incident.costs] == [50_000, 50_000]
    assert noted(desk, lost) == ["incident.noted"] * 2


@pytest.mark.parametrize(
    ("fact", "fields", "said", "beside"),
    [
        ("finding", {"document": "1/KL", "party_at_fault": "post"}, "enter it from the slip", "charge_vnd"),
        (
            "finding",
            {**_POST, "compensation_vnd": "1.000.000"},
            "add the slip as evidence first",
            "acceptance_proof",
        ),
        (
            "finding",
            {**_POST, "compensation_vnd": "9", "acceptance_proof": "P1"},
            "less than the law allows",
            "compensation_vnd",
        ),
        ("finding", {"document": "1/KL"}, "Fill this in.", "party_at_fault"),
        ("complaint_filed", {"what": "mất", "at": "2026-03-03T10:00"}, "has not come yet", "at"),
        ("complaint_filed", {"what": "mất", "at": "2026-13-03"}, "Write the day and the time", "at"),
        ("complaint_filed", {"what": " "}, "Fill this in.", "what"),
        ("cost", {"what": "phong bì", "amount_vnd": "-5", "borne_by": "agency"}, "Write whole đồng", "amount_vnd"),
        ("cost", {"what": "phong bì", "amount_vnd": "5 tờ", "borne_by": "agency"}, "Write whole đồng", "amount_vnd"),
        ("cost", {"what": "a\x00b", "amount_vnd": "5", "borne_by": "agency"}, "characters that cannot be kept", "what"),
        ("reissue_planned", {"applicant": "citizen"}, "Fill this in.", "papers"),
    ],
)  # fmt: skip
def test_a_refusal_is_said_beside_its_field_with_what_was_typed_still_there(
    desk: TestDesk, officer: Colleague, lost: str, fact: str, fields: dict[str, str], said: str, beside: str
) -> None:
    before = stands(desk, lost).facts
    answer = write(officer, lost, fact, **fields)
    assert answer.status_code == 422
    place = re.search(rf'<p class="wrong" id="wrong-{beside}">([^<]+)</p>', answer.text)
    assert place, answer.text
    assert said in place.group(1)
    assert f'wrong-{beside}"' in answer.text.replace(place.group(0), "")
    typed = [value for name, value in fields.items() if name != beside and name in ("what", "document", "charge_vnd")]
    assert all(f'value="{value}"' in answer.text for value in typed if value.isprintable())
    assert stands(desk, lost).facts == before


def test_a_rule_of_law_is_said_with_its_source(officer: Colleague, lost: str) -> None:
    answer = write(officer, lost, "finding", document="1/KL", party_at_fault="post")
    assert "Nghị định 47/2011/NĐ-CP" in answer.text


def test_it_is_closed_only_with_a_resolution_its_inventory_and_its_money(
    desk: TestDesk, officer: Colleague, torn: str
) -> None:
    page = officer.page(f"/board/incidents/{torn}")
    assert "inventory the package" in page
    assert "/facts/closed" not in page
    asked = officer.page(f"/board/incidents/{torn}/facts/closed")
    assert "cannot be written down now" in asked
    path = f"/board/incidents/{torn}/facts/closed"
    refused = officer.send(asked, path)
    assert (refused.status_code, "not written down yet how it ended" in refused.text) == (409, True)
    write(officer, torn, "resolved", resolution="gói lại")
    refused = write(officer, torn, "closed")
    assert "The torn package was not counted yet" in refused.text
    inside = "Tờ khai\n\n  Giấy tờ tùy thân \n"
    write(officer, torn, "inventory", found_inside=inside, wrapped_again="yes", witness="Nông Văn Páo")
    counted = stands(desk, torn).incident.inventory
    assert counted is not None
    assert (counted.found_inside, counted.wrapped_again) == (["Tờ khai", "Giấy tờ tùy thân"], True)
    write(officer, torn, "finding", document="1", party_at_fault="post", charge_vnd="30000", acceptance_proof="P1")
    refused = write(officer, torn, "closed")
    assert (refused.status_code, "still open" in refused.text) == (422, True)
    much = write(officer, torn, "compensation_waived", between="post:citizen", amount_vnd="130000", reason="đơn")
    assert (much.status_code, "more than is still open" in much.text) == (409, True)
    write(officer, torn, "compensation_waived", between="post:citizen", amount_vnd="120000", reason="đơn")
    assert "The incident is closed" in write(officer, torn, "closed").text
    late = officer.send(asked, f"/board/incidents/{torn}/facts/cost", what="x", amount_vnd="5", borne_by="agency")
    assert (late.status_code, "closed and stays so" in late.text) == (409, True)
    assert "Write something" not in officer.page(f"/board/incidents/{torn}")


def test_lost_papers_are_issued_again_by_the_plan(desk: TestDesk, officer: Colleague, lost: str) -> None:
    opened = [one.planned.step for one in stands(desk, lost).incident.steps]
    assert opened
    fields = {"papers": ["Tờ khai", "Tờ khai"], "applicant": "citizen", "note": "nộp lại"}
    write(officer, lost, "reissue_planned", **fields)
    planned = [one.planned for one in stands(desk, lost).incident.steps]
    assert {one.step for one in planned} - {*opened} == {"Tờ khai"}
    unknown = write(officer, lost, "reissue_done", step="no such", held_by="citizen")
    assert (unknown.status_code, "no such step" in unknown.text) == (409, True)
    for one in planned:
        assert "It is written down." in write(officer, lost, "reissue_done", step=one.step, held_by="citizen").text
    assert stands(desk, lost).incident.open_steps == ()


def test_a_find_and_its_correction_move_the_page(desk: TestDesk, officer: Colleague, lost: str) -> None:
    page = write(officer, lost, "found", what="ở bưu cục").text
    assert "/facts/not_found" in page
    desk.clock.at(MONDAY + timedelta(hours=1))
    page = write(officer, lost, "not_found", what="là hồ sơ khác").text
    assert "/facts/found" in page
    assert stands(desk, lost).incident.found_at is None


def test_who_looks_after_it_is_named_anew(desk: TestDesk, officer: Colleague, lost: str) -> None:
    assert "Nông Thị Hoa" in write(officer, lost, "owner_assigned", owner="Nông Thị Hoa").text
    assert stands(desk, lost).incident.owner == "Nông Thị Hoa"


def test_a_last_day_that_has_passed_is_marked(desk: TestDesk, officer: Colleague, lost: str) -> None:
    write(officer, lost, "complaint_filed", what="mất")
    assert ">over<" not in officer.page(f"/board/incidents/{lost}")
    desk.clock.at(datetime(2026, 3, 10, 8, 0, tzinfo=VIETNAM))
    assert ">over<" in officer.page(f"/board/incidents/{lost}")


# --- evidence ---


def test_a_file_is_kept_once_and_read_back_as_it_was(desk: TestDesk, officer: Colleague, lost: str) -> None:
    digest = hashlib.sha256(SLIP).hexdigest()
    assert "The file is kept" in upload(officer, lost, SLIP, caption="phiếu <gửi>").text
    again = upload(officer, lost, SLIP, caption="lần hai")
    assert "this file is among the evidence already" in again.text
    assert "phiếu &lt;gửi&gt;" in again.text
    assert stands(desk, lost).incident.acceptance_is_proven
    back = officer.get(f"/board/incidents/{lost}/evidence/{digest}")
    assert (back.content, back.headers["content-type"]) == (SLIP, "image/jpeg")
    assert back.headers["content-disposition"] == f'attachment; filename="{lost}-{digest[:8]}.jpg"'
    assert back.headers["cache-control"] == "no-store"
    assert officer.get(f"/board/incidents/{lost}/evidence/{'0' * 64}").status_code == 404
    assert noted(desk, lost, reading=True).count("evidence.read") == 1
    assert noted(desk, lost).count("incident.evidence-added") == 1


def test_what_is_no_photo_or_no_file_is_refused_beside_the_field(desk: TestDesk, officer: Colleague, lost: str) -> None:
    wrong = upload(officer, lost, b"MZ...", name="virus.jpg", caption="ảnh chụp")
    assert wrong.status_code == 415
    assert 'id="wrong-file">This is neither a JPEG' in wrong.text
    assert 'value="ảnh chụp"' in wrong.text
    none = upload(officer, lost, b"", name="")
    assert (none.status_code, 'id="wrong-file">No file was chosen' in none.text) == (422, True)
    future = upload(officer, lost, SLIP, at="2030-01-01T08:00")
    assert (future.status_code, 'id="wrong-at"' in future.text) == (422, True)
    unsaid = upload(officer, lost, SLIP, shows="rumour")
    assert (unsaid.status_code, 'id="wrong-shows"' in unsaid.text) == (422, True)
    assert stands(desk, lost).incident.evidence == ()


def test_a_photo_may_be_as_large_as_the_page_says_and_a_larger_one_is_refused_by_a_page(
    desk: TestDesk, officer: Colleague, lost: str
) -> None:
    most = desk.context.settings.max_evidence_bytes
    assert f"at most {most // 1_000_000} MB" in officer.page(f"/board/incidents/{lost}/evidence")
    allowed = SLIP + b"x" * (most // 1_000_000 * 1_000_000 - len(SLIP))
    assert "The file is kept" in upload(officer, lost, allowed).text
    refused = upload(officer, lost, SLIP + b"x" * most * 2)
    assert refused.status_code == 413
    assert "<h1>" in refused.text
    assert "The file is too large" in refused.text


def test_whoever_sends_all_before_he_listens_hears_that_a_file_is_too_large(
    desk: TestDesk, officer: Colleague, lost: str
) -> None:
    url = officer.http.base_url
    caller = HTTPConnection(url.host, url.port, timeout=30)
    caller.request(
        "POST", f"/board/incidents/{lost}/evidence", SLIP + b"x" * desk.context.settings.max_evidence_bytes * 3
    )
    answer = caller.getresponse()
    assert answer.status == 413
    assert "Tệp quá lớn" in answer.read().decode()
    caller.close()


def test_no_file_is_laid_unsealed_on_a_disk(
    desk: TestDesk, officer: Colleague, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("a file on the disk")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert "The file is kept" in upload(officer, lost, SLIP + b"x" * 3_000_000).text


# --- who ---


def test_a_clerk_adds_files_and_leaves_the_findings_to_others(desk: TestDesk, colleague: As, lost: str) -> None:
    clerk = colleague(Role.CLERK)
    page = clerk.page(f"/board/incidents/{lost}")
    assert f"/board/incidents/{lost}/evidence" in page
    assert "/facts/" not in page
    assert "The file is kept" in upload(clerk, lost, SLIP).text
    assert clerk.get(f"/board/incidents/{lost}/facts/cost").status_code == 403
    sent = clerk.send(page, f"/board/incidents/{lost}/facts/cost", what="x", amount_vnd="5", borne_by="agency")
    assert sent.status_code == 403
    assert stands(desk, lost).incident.costs == ()
    with desk.read() as session:
        assert audit.entries(session, actor="clerk@caobang.gov.vn")[0].action == "permission.refused"


def test_an_auditor_reads_how_it_stands_and_no_file(officer: Colleague, colleague: As, lost: str) -> None:
    upload(officer, lost, SLIP, caption="tên người")
    auditor = colleague(Role.AUDITOR)
    page = auditor.page(f"/board/incidents/{lost}")
    assert "What comes next" in page
    assert "tên người" not in page
    assert "/evidence" not in page
    digest = hashlib.sha256(SLIP).hexdigest()
    assert auditor.get(f"/board/incidents/{lost}/evidence/{digest}").status_code == 403


def test_another_agencys_incident_is_answered_as_one_that_is_not_there(
    desk: TestDesk, officer: Colleague, colleague: As, lost: str
) -> None:
    stranger, missing = colleague(Role.SUPERVISOR, "H14.99"), "H14.10-260302-9999-I1"
    page = stranger.page("/board")
    for end in ("", "/facts/cost", "/evidence", f"/evidence/{'0' * 64}"):
        foreign, unknown = (stranger.get(f"/board/incidents/{one}{end}") for one in (lost, missing))
        assert foreign.status_code == unknown.status_code == 404, end
        assert foreign.text.replace(lost, missing) == unknown.text, end
    fields = {"what": "x", "amount_vnd": "5", "borne_by": "agency"}
    for end in ("/facts/cost", "/evidence"):
        foreign, unknown = (stranger.send(page, f"/board/incidents/{one}{end}", **fields) for one in (lost, missing))
        assert foreign.status_code == unknown.status_code == 404, end
        assert foreign.text.replace(lost, missing) == unknown.text, end
    assert officer.get(f"/board/incidents/{lost}/facts/rumour").status_code == 404
    assert noted(desk, lost, reading=True) == []


def test_a_form_of_another_session_is_refused(desk: TestDesk, officer: Colleague, lost: str) -> None:
    for end in ("/facts/closed", "/evidence"):
        answer = officer.http.post(f"/board/incidents/{lost}{end}", data={"csrf_token": "x" * 43})
        assert answer.status_code == 403, end
    assert len(stands(desk, lost).facts) == 2


def test_every_reading_is_noted(desk: TestDesk, officer: Colleague, lost: str) -> None:
    officer.page(f"/board/incidents/{lost}")
    assert noted(desk, lost, reading=True) == ["incident.read"]


def test_it_is_read_in_vietnamese(colleague: As, lost: str) -> None:
    page = colleague(Role.OFFICER, language="vi").page(f"/board/incidents/{lost}")
    assert "gửi khiếu nại bằng văn bản đến bưu điện" in page
    assert "Trong 06 tháng" in page or "trong 06 tháng" in page


# --- what is to be issued again ---


def test_papers_whose_names_begin_alike_are_steps_of_their_own(
    desk: TestDesk, officer: Colleague, registered: str, lost: str
) -> None:
    begins = "Giấy chứng nhận quyền sử dụng đất và tài sản gắn liền với đất của hộ gia đình tại thửa đất số "[:89]
    papers = [f"{begins} 12", f"{begins} 14"]
    write(officer, lost, "reissue_planned", papers=papers, applicant="citizen")
    write(officer, lost, "reissue_planned", papers=papers[:1], applicant="citizen")
    steps = [one.planned for one in stands(desk, lost).incident.steps if one.planned.papers[0].startswith(begins)]
    assert sorted(step.papers for step in steps) == [papers[:1], papers[:1], papers[1:]]
    write(officer, lost, "reissue_done", step=steps[0].step)
    still = stands(desk, lost).incident.open_steps
    assert [step for step in still if step in steps] == steps[1:]


@pytest.mark.parametrize("year", ["1990", "2006", "2019"])
def test_a_year_of_which_no_rule_or_calendar_is_known_is_said_beside_its_field(
    desk: TestDesk, officer: Colleague, torn: str, year: str
) -> None:
    for fact, fields in (
        ("complaint_filed", {"what": "số 5/CV"}),
        ("finding", {**_POST, "acceptance_proof": "PG 1"}),
    ):
        answer = write(officer, torn, fact, **fields, at=f"{year}-03-02T08:00")
        if answer.status_code != 200:
            assert (answer.status_code, 'id="wrong-at"' in answer.text) == (422, True), fact
            assert f'value="{year}-03-02T08:00"' in answer.text
    assert stands(desk, torn).incident.complaint is None
