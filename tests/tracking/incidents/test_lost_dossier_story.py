"""A lost dossier, from the first alarm to the paid compensation: over HTTP, and told as one timeline by the command."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from carriers.states import ShipmentState
from config.clock import local
from dispatch.money.facts import money_of
from tests.support.desk import TestDesk
from tests.support.town import Town, opened_town
from tests.support.web import problem, visit
from tests.tracking.case import COLLECTED, Case, happen_unforeseen
from tests.worker.commands.test_replays import at_work
from worker.cli import app

_DOCS = Path(__file__).parents[3] / "docs" / "hard-cases.md"
_PRINTED = _DOCS.read_text(encoding="utf-8").rpartition("```\n")[0].rpartition("```\n")[2].split()
"""What the page prints of this story, word for word; where lines break is the terminal's."""

_SLIP = b"\xff\xd8\xff\xe0" + b"a photo of the slip" * 40


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """A system of its own that the command finds by its environment."""
    with opened_town(tmp_path / "town") as town:
        for name, value in town.plot.environment(town.home).items():
            monkeypatch.setenv(name, value)
        yield town


class Post:
    """The one-stop and the operator's people as they report over HTTP."""

    def __init__(self, desk: TestDesk, web: httpx.Client, case: Case) -> None:
        self.desk, self.web, self.case = desk, web, case

    @property
    def incident(self) -> str:
        found = self.web.get("/v1/incidents", params={"open": True}).json()["incidents"]
        (one,) = [one for one in found if one["dossier"] == self.case.code]
        return str(one["id"])

    def says(self, incident: str, when: str, type: str, **more: Any) -> httpx.Response:
        at = local(self.case.now(when)).isoformat()
        body = {"fact_id": f"{type}-{when}", "type": type, "at": at, "by": "Nông Thị Hoa", **more}
        return self.web.post(f"/v1/incidents/{incident}/facts", json=body)

    def stands(self, incident: str, when: str, type: str, **more: Any) -> dict[str, Any]:
        answer = self.says(incident, when, type, **more)
        assert answer.status_code == 200, answer.text
        stands: dict[str, Any] = answer.json()
        return stands

    def uploads(self, incident: str, when: str, content: bytes, **more: str) -> httpx.Response:
        said = {"at": local(self.case.now(when)).isoformat(), "by": "Nông Thị Hoa", **more}
        headers = {"Content-Type": "image/jpeg"}
        return self.web.post(f"/v1/incidents/{incident}/evidence", params=said, content=content, headers=headers)


def story(town: Town) -> tuple[str, str]:
    """Play the whole story; returns the dossier's code and the incident's id."""
    with at_work(town) as desk, visit(desk) as web:
        case = Case.opened(desk)
        post = Post(desk, web, case)
        case.order("both")
        case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
        case.signed(case.s1, "2026-03-02 15:00")
        with desk.context.database.write() as session:
            happen_unforeseen(session, case, ShipmentState.LOST, "2026-03-03 09:00")
        incident = post.incident
        assert (case.due, case.attention_kinds("incident")) == (None, ["incident-open"])
        told = [one for one in case.messages("onestop:one-stop") if one["type"] == "postal.attention_needed"]
        assert [one["data"]["kind"] for one in told] == ["incident-open"]
        assert len(case.told_citizen("papers_lost")) == 1
        uploaded = post.uploads(incident, "2026-03-03 10:00", _SLIP, shows="acceptance", caption="phiếu gửi")
        assert uploaded.status_code == 201, uploaded.text
        complained = post.stands(incident, "2026-03-03 14:00", "complaint_filed", what="mất toàn bộ hồ sơ")
        assert (complained["next"]["kind"], complained["answer_due"]) == ("answer", "2026-03-10")
        post.stands(incident, "2026-03-09 10:00", "complaint_answered", what="bưu điện xác nhận làm mất")
        post.stands(
            incident, "2026-03-09 15:00", "cost", what="lệ phí cấp lại bản chính", amount_vnd=50_000, borne_by="citizen"
        )
        found = post.stands(
            incident,
            "2026-03-10 09:00",
            "finding",
            document="12/KL-BĐCB",
            party_at_fault="post",
            charge_vnd=30_000,
        )
        assert found["outstanding"] == [{"debtor": "post", "creditor": "citizen", "amount_vnd": 170_000}]
        assert (found["next"]["kind"], found["compensation_due"]) == ("pay", "2026-04-09")
        case.happens("papers_restored", "2026-03-16 09:00")
        assert case.due is not None
        post.stands(incident, "2026-03-17 09:00", "resolved", resolution="đã lập lại hồ sơ và bồi thường")
        early = post.says(incident, "2026-03-17 09:30", "closed")
        assert problem(early, 422, "compensation-open")["legal_source"].startswith("Nghị định 47/2011")
        post.stands(incident, "2026-03-20 10:00", "compensation_paid", amount_vnd=170_000, document="PC-0312")
        closed = post.stands(incident, "2026-03-20 11:00", "closed")
        assert (closed["next"], closed["outstanding"]) == (None, [])
        assert case.attention_kinds("incident") == []
        assert "170.000 đồng" in case.told_citizen("compensation_paid")[0]["text_vi"]
        with desk.read() as session:
            assert balance(money_of(session, case.code)) == 0
    return case.code, incident


def a_second_one(town: Town, code: str) -> None:
    """Report another incident, which was noticed before the first one."""
    with at_work(town) as desk, visit(desk) as web:
        said = {"report_id": "torn", "dossier": code, "kind": "torn", "what": "bì rách", "by": "Nông Văn Páo"}
        assert web.post("/v1/incidents", json={**said, "at": "2026-03-02T07:30:00+07:00"}).status_code == 201


def balance(facts: list[Any]) -> int:
    damages = [fact for fact in facts if fact.ledger == "damages"]
    return sum(fact.amount_vnd if fact.kind == "due" else -fact.amount_vnd for fact in damages)


def test_a_lost_dossier_from_the_first_alarm_to_the_paid_compensation_is_one_timeline(town: Town) -> None:
    code, incident = story(town)
    told = CliRunner().invoke(app, ["incident", incident])
    assert told.exit_code == 0, told.output
    in_order = [
        "09:00 03/03/2026",
        "Phát hiện sự cố: thất lạc",
        "Incident: papers lost",
        "Thêm chứng cứ (acceptance)",
        "Khiếu nại: mất toàn bộ hồ sơ",
        "Trả lời khiếu nại",
        "lệ phí cấp lại bản chính 50.000 đồng",
        "Kết luận 12/KL-BĐCB: bên có lỗi là bưu điện",
        "Finding 12/KL-BĐCB: the post is at fault",
        "Đã cấp lại xong",
        "Bưu điện đã trả công dân 170.000 đồng",
        "11:00 20/03/2026",
        "Đóng sự cố",
    ]
    places = [told.output.find(words) for words in in_order]
    assert -1 not in places, dict(zip(in_order, places, strict=True))
    assert places == sorted(places)
    assert "thời hạn dừng" in told.output, "the clock's standstill is part of the story"
    assert told.output.replace(code, "H14.10-260302-0001").split() == _PRINTED, (
        "docs/hard-cases.md shows what is printed"
    )
    said = json.loads(CliRunner().invoke(app, ["incident", incident, "--json"]).stdout)
    assert said["incident"]["dossier"] == code
    assert {one["type"] for one in said["facts"]} >= {"opened", "evidence", "finding", "compensation_paid", "closed"}
    assert json.loads(CliRunner().invoke(app, ["incidents", "--json"]).stdout) == {"incidents": [], "next": None}
    listed = CliRunner().invoke(app, ["incidents", "--all"]).output
    assert (incident in listed, "--after" in listed) == (True, False)
    a_second_one(town, code)
    first = CliRunner().invoke(app, ["incidents", "--all", "--limit", "1"]).output
    assert f"Còn nữa / There are more: postal incidents --all --limit 1 --after {incident}" in first
    rest = CliRunner().invoke(app, ["incidents", "--all", "--limit", "1", "--after", incident]).output
    assert (f"{code}-I2" in rest, "--after" in rest) == (True, False)
    digest = hashlib.sha256(_SLIP).hexdigest()
    checked = CliRunner().invoke(app, ["db", "evidence"])
    assert (checked.exit_code, checked.stdout.splitlines()) == (0, ["1 of 1 files of evidence are as they were."])
    (town.home / "evidence" / digest[:2] / digest).write_bytes(b"another photo")
    checked = CliRunner().invoke(app, ["db", "evidence"])
    assert (checked.exit_code, f"altered: {digest}" in checked.stderr) == (1, True)
