"""Every night a round with everybody: it goes on where it stopped, and who fails keeps nobody waiting."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from config.clock import local, wall_now
from dispatch.onestop.contract import TheirCopy
from dispatch.onestop.dvcqg.client import SearchablePortal
from tests.support.desk import ACCOUNT, CODE, MONDAY, TestDesk, opened_desk
from tests.support.igate import installation
from tests.support.operators import joined
from tests.support.portal import PortalDesk, opened_portal_desk
from tracking import watch
from tracking.dossier_clocks import DossierClock
from tracking.reconciliation import rounds
from tracking.reconciliation.rows import ReconciliationRound, Side, differences_of, rounds_of
from tracking.watching.items import Attention

PORTAL = (Side.ONESTOP, "dvcqg-portal")
CODES = [f"H14.10-260302-{number:04d}" for number in range(1, 46)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PortalDesk]:
    with opened_portal_desk(tmp_path) as desk:
        yield desk


def drain(desk: PortalDesk) -> int:
    return rounds.drain(desk.context, desk.desk.office, desk.messenger.onestops)


def compare_now(desk: PortalDesk) -> None:
    assert rounds.compare_now(desk.context, desk.desk.office, desk.messenger.onestops) == []


def stands(desk: PortalDesk, peer: str = "dvcqg-portal") -> ReconciliationRound:
    with desk.desk.read() as session:
        return next(row for row in rounds_of(session) if row.peer == peer)


def differing(desk: PortalDesk) -> list[tuple[str, str]]:
    with desk.desk.read() as session:
        return [(one.subject, one.kind.value) for one in differences_of(session)]


def night_falls(desk: PortalDesk) -> None:
    desk.desk.clock.at(rounds.next_night(desk.desk.clock.now()))


@given(st.integers(0, 366 * 24 * 60))
def test_the_next_night_is_within_a_day(minutes: int) -> None:
    now = MONDAY + timedelta(minutes=minutes)
    begins = rounds.next_night(now)
    assert timedelta(0) < begins - now <= timedelta(days=1)
    assert local(begins).time() == rounds.AT


def test_everybody_is_compared_with_once_a_night(desk: PortalDesk) -> None:
    desk.register()
    desk.settle()
    assert drain(desk) == 0
    night_falls(desk)
    assert drain(desk) == 1
    assert drain(desk) == 0
    night_falls(desk)
    assert drain(desk) == 1
    with desk.desk.read() as session:
        assert [(row.peer, row.compared) for row in rounds_of(session)] == [
            ("dvcqg-portal", 1),
            ("igate", 0),
            (ACCOUNT, 0),
        ]


def test_a_difference_is_shown_to_staff_until_a_night_finds_it_mended(desk: PortalDesk) -> None:
    desk.register()
    desk.settle()
    desk.books.lose(CODE)
    compare_now(desk)
    first = watched(desk)
    assert [(one.kind, one.dossier) for one in first] == [("copy-differs", CODE)]
    assert f"postal onestops tell dvcqg-portal {CODE}" in first[0].next_step_en
    night_falls(desk)
    drain(desk)
    assert [(one.key, one.since) for one in watched(desk)] == [(one.key, one.since) for one in first]
    desk.books.synchronise([desk_fields(desk)], updating=False)
    night_falls(desk)
    drain(desk)
    assert watched(desk) == []


def watched(desk: PortalDesk) -> list[Attention]:
    with desk.desk.read() as session:
        found = watch.attention(session, desk.context, desk.desk.office)
        return [one for one in found if one.kind in ("copy-differs", "order-differs")]


def desk_fields(desk: PortalDesk) -> dict[str, object]:
    return dict(desk.portal._fields(desk.standing()))


def test_a_round_goes_on_where_it_was_interrupted(desk: PortalDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    for code in CODES:
        desk.register(code)
    desk.settle()
    lost = [CODES[3], CODES[30], CODES[44]]
    for code in lost:
        desk.books.lose(code)
    monkeypatch.setattr(rounds, "MOST", 20)
    assert drain(desk) == 0
    night_falls(desk)
    assert (drain(desk), differing(desk)) == (20, [(lost[0], "missing-there")])
    assert (stands(desk).position, stands(desk).ended_at) == (CODES[19], None)
    assert (drain(desk), drain(desk), drain(desk)) == (20, 5, 0)
    assert [code for code, _ in differing(desk)] == lost
    assert (stands(desk).position, stands(desk).compared) == (None, 45)


def test_who_does_not_answer_is_a_line_and_the_others_go_on(desk: PortalDesk) -> None:
    desk.register()
    desk.settle()
    desk.desk.order("send")
    desk.desk.work()
    desk.faults({"kind": "down", "times": None})
    compare_now(desk)
    assert "503" in (stands(desk).trouble or "")
    assert (stands(desk, ACCOUNT).trouble, stands(desk, ACCOUNT).compared) == (None, 1)
    desk.faults()
    desk.desk.clock.forward(minutes=29)
    assert drain(desk) == 0
    desk.desk.clock.forward(minutes=2)
    assert drain(desk) == 1
    assert (stands(desk).trouble, stands(desk).compared) == (None, 1)


def test_a_dossier_of_which_a_system_talks_nonsense_does_not_stop_the_round(desk: PortalDesk) -> None:
    for code in CODES[:8]:
        desk.register(code)
    desk.settle()
    desk.books.lose(CODES[7])
    nonsense = {**desk.copy(CODES[2]), "NgayHenTra": "mai"}
    desk.books._run("UPDATE dossier SET body = ? WHERE code = ?", json.dumps(nonsense), CODES[2])
    compare_now(desk)
    assert (stands(desk).trouble, stands(desk).compared) == (None, 7)
    assert f"{CODES[2]} cannot be read there" in (stands(desk).note or "")
    assert differing(desk) == [(CODES[7], "missing-there")]


def test_what_is_known_of_a_dossier_stands_while_it_cannot_be_read(desk: PortalDesk) -> None:
    for code in CODES[:4]:
        desk.register(code)
    desk.settle()
    for due in ("20260315170000", "mai"):
        changed = {**desk.copy(CODES[1]), "NgayHenTra": due}
        desk.books._run("UPDATE dossier SET body = ? WHERE code = ?", json.dumps(changed), CODES[1])
        desk.desk.clock.forward(minutes=1)
        compare_now(desk)
        assert differing(desk) == [(CODES[1], "due-differs")]


def test_what_breaks_here_is_a_line_too(desk: PortalDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.register()
    desk.settle()
    monkeypatch.setattr(SearchablePortal, "copies", lambda _self, _codes: 1 / 0)
    compare_now(desk)
    assert "ZeroDivisionError" in (stands(desk).trouble or "")
    assert stands(desk, ACCOUNT).ended_at is not None


def test_two_processes_do_not_compare_with_one_at_once(desk: PortalDesk) -> None:
    compare_now(desk)
    with desk.context.database.write() as session:
        session.execute(update(ReconciliationRound).values(lease_until=wall_now() + timedelta(minutes=1)))
    busy = rounds.compare_now(desk.context, desk.desk.office, desk.messenger.onestops, [PORTAL])
    assert busy == [PORTAL]
    night_falls(desk)
    assert drain(desk) == 0


def test_whoever_was_overtaken_writes_nothing_down(desk: PortalDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.register()
    desk.settle()
    desk.books.lose(CODE)
    asked = SearchablePortal.copies

    def overtaken(portal: SearchablePortal, codes: Sequence[str]) -> dict[str, TheirCopy]:
        ours = update(ReconciliationRound).where(ReconciliationRound.side == Side.ONESTOP)
        with desk.context.database.write() as session:
            session.execute(ours.values(lease_until=wall_now() + timedelta(hours=1)))
        return asked(portal, codes)

    monkeypatch.setattr(SearchablePortal, "copies", overtaken)
    compare_now(desk)
    assert (differing(desk), stands(desk).compared) == ([], 0)


def test_a_process_that_is_told_to_stop_keeps_what_it_has(desk: PortalDesk) -> None:
    for code in CODES:
        desk.register(code)
    desk.settle()
    desk.context.closing.set()
    compare_now(desk)
    assert (stands(desk).compared, stands(desk).position, stands(desk).lease_until) == (20, CODES[19], None)


def test_who_is_configured_no_more_is_forgotten(desk: PortalDesk) -> None:
    desk.register()
    desk.settle()
    desk.books.lose(CODE)
    compare_now(desk)
    assert differing(desk) != []
    rounds.drain(desk.context, desk.desk.office, ())
    with desk.desk.read() as session:
        assert [row.peer for row in rounds_of(session)] == [ACCOUNT]
    assert differing(desk) == []


def test_a_dossier_that_ended_long_ago_is_looked_at_no_more(desk: PortalDesk) -> None:
    desk.register()
    desk.happens("accepted", "e1")
    desk.happens("result_ready", "e2", result_papers=[{"name": "Kết quả", "originals": 1}])
    desk.settle()
    desk.books.lose(CODE)
    compare_now(desk)
    assert differing(desk) == [(CODE, "missing-there")]
    desk.desk.clock.forward(days=15)
    compare_now(desk)
    assert (stands(desk).compared, differing(desk)) == (0, [])


def test_a_dossier_whose_end_was_taken_back_is_looked_at_again(desk: PortalDesk) -> None:
    desk.register()
    desk.happens("accepted", "e1")
    desk.happens("result_ready", "e2", result_papers=[{"name": "Kết quả", "originals": 1}])
    desk.desk.clock.forward(days=15)
    desk.happens("corrected", "e3", voids="e2", reason="Nhầm hồ sơ")
    desk.settle()
    with desk.desk.read() as session:
        assert session.get_one(DossierClock, CODE).state == "running"
    compare_now(desk)
    assert (stands(desk).compared, differing(desk)) == (1, [])


def test_what_cannot_be_compared_is_said(tmp_path: Path) -> None:
    with opened_portal_desk(tmp_path, "gateway") as desk, joined(desk.desk, "viettelpost"):
        desk.context = replace(desk.desk.context, accounts=desk.desk.context.accounts)
        compare_now(desk)
        assert "connector 'dvcqg' cannot show" in (stands(desk).note or "")
        assert "connector 'rest' cannot show" in (stands(desk, "igate").note or "")
        assert "'viettelpost' cannot be asked" in (stands(desk, "viettelpost").note or "")
        assert stands(desk, ACCOUNT).note is None


def test_a_system_that_shows_us_nothing_any_more_has_not_deleted_everything(tmp_path: Path) -> None:
    with opened_desk(tmp_path) as desk, installation(tmp_path) as igate:
        for code in CODES[:6]:
            desk.register(code)
        assert rounds.compare_now(desk.context, desk.office, [igate.onestop]) == []
        assert blind(desk) == (0, "shows none of 6 of its own dossiers")


def blind(desk: TestDesk) -> tuple[int, str]:
    with desk.read() as session:
        row = next(one for one in rounds_of(session) if one.side is Side.ONESTOP)
        said = (row.trouble or "").partition("' ")[2].partition(",")[0]
        return len(differences_of(session)), said
