"""Results that cannot be delivered: invited twice, refused, unpaid, turned back too early, handed back."""

from __future__ import annotations

import pytest

from dispatch.parties import Party
from tests.tracking.case import DELIVERED, FAILED, RETURNED, RETURNING, Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.homeward import brought_back, failed, money, on_its_way, price_known, standing
from tracking.clock_facts import ledger_of
from tracking.undeliverable import REFUSED, UNPAID, Stage

pytestmark = ON_SQLITE

DESK, POST = "agency:H14.10", "post:vnpost_ngsp"


def verdict(case: Case) -> tuple[str, object, object]:
    with case.desk.read() as session:
        ledger = ledger_of(session, case.desk.office, case.dossier())
    return ledger.state, ledger.verdict_original, ledger.verdict_current


def stage(case: Case) -> Stage | None:
    found = standing(case)
    return found.stage if found else None


def test_a_recipient_who_is_never_there_is_invited_twice_and_the_result_waits_at_the_counter(case: Case) -> None:
    on_its_way(case)
    settled = verdict(case)
    case.reported(case.r1, FAILED, "2026-03-03 10:00")
    assert stage(case) is Stage.INVITED_ONCE
    case.now("2026-03-05 08:00")
    assert case.attention_kinds("second") == ["second-invitation-due"]
    case.reported(case.r1, FAILED, "2026-03-05 10:00")
    assert (stage(case), case.attention_kinds("second")) == (Stage.INVITED_TWICE, [])
    case.now("2026-03-09 08:00")
    assert (stage(case), case.attention_kinds("return-due")) == (Stage.MAY_GO_BACK, ["return-due"])
    case.reported(case.r1, RETURNING, "2026-03-09 15:00")
    assert (stage(case), case.attention_kinds("turned")) == (Stage.GOING_BACK, [])
    case.reported(case.r1, RETURNED, "2026-03-10 09:00")
    assert stage(case) is Stage.HANDED_BACK
    case.signed(case.r1, "2026-03-10 10:00")
    assert stage(case) is Stage.WAITING_AT_COUNTER
    assert set(case.holders().values()) == {DESK}
    kinds = [one["kind"] for one in case.told_citizen()]
    assert [kind for kind in kinds if kind.startswith(("invit", "result_going", "result_back"))] == [
        *("invitation", "invitation", "result_going_back", "result_back"),
    ]
    assert verdict(case) == settled
    assert settled[0] == "stopped"


def test_a_refused_result_is_undeliverable_at_once_and_stays_settled(case: Case) -> None:
    on_its_way(case)
    settled = verdict(case)
    failed(case, REFUSED, "2026-03-03 10:00")
    assert stage(case) is Stage.MAY_GO_BACK
    assert case.told_citizen("invitation") == []
    assert "vẫn có hiệu lực" in case.told_citizen("result_refused")[0]["text_vi"]
    case.reported(case.r1, RETURNING, "2026-03-03 11:00")
    case.reported(case.r1, RETURNED, "2026-03-04 09:00")
    assert case.attention_kinds("turned") == []
    assert case.told_onestop("postal.result_returned")[0]["reason"] == "the recipient refused it"
    case.signed(case.r1, "2026-03-04 10:00")
    assert (stage(case), verdict(case), money(case, case.r1)) == (Stage.WAITING_AT_COUNTER, settled, [])


def test_unpaid_postage_stays_owed_and_the_result_goes_back_uninvited(case: Case) -> None:
    on_its_way(case)
    settled = verdict(case)
    price_known(case, 26_000)
    failed(case, UNPAID, "2026-03-03 10:00")
    assert stage(case) is Stage.MAY_GO_BACK
    assert "còn nợ" in case.told_citizen("result_unpaid")[0]["text_vi"]
    (debt,) = money(case, case.r1)
    assert (debt.kind, debt.debtor, debt.creditor, debt.amount_vnd) == ("due", Party.CITIZEN, Party.POST, 26_000)
    assert "Điều 11(1)(c)" in debt.legal_source
    case.reported(case.r1, RETURNED, "2026-03-04 09:00")
    assert case.told_onestop("postal.result_returned")[0]["reason"] == "the postage was not paid"
    assert verdict(case) == settled


@pytest.mark.parametrize("attempts", [[], ["2026-03-03 10:00"], ["2026-03-03 10:00", "2026-03-04 10:00"]])
def test_an_operator_that_turns_a_result_back_too_early_is_shown_with_the_rule(case: Case, attempts: list[str]) -> None:
    on_its_way(case)
    for when in attempts:
        case.reported(case.r1, FAILED, when)
    case.reported(case.r1, RETURNING, "2026-03-04 15:00")
    (item,) = [one for one in case.attention() if one.kind == "turned-back-early"]
    assert "Thông tư 17/2017/TT-BTTTT, Điều 5(2)(h)" in item.what_vi
    case.reported(case.r1, RETURNED, "2026-03-05 09:00")
    assert case.attention_kinds("turned") == ["turned-back-early"]
    case.signed(case.r1, "2026-03-05 10:00")
    assert case.attention_kinds("turned") == []


def test_an_attempt_that_is_heard_of_late_clears_the_operator(case: Case) -> None:
    on_its_way(case)
    case.reported(case.r1, RETURNING, "2026-03-09 15:00")
    assert case.attention_kinds("turned") == ["turned-back-early"]
    case.reported(case.r1, FAILED, "2026-03-05 10:00")
    case.reported(case.r1, FAILED, "2026-03-03 10:00")
    assert case.attention_kinds("turned") == []


def test_a_result_delivered_at_the_second_try_stands_nowhere(case: Case) -> None:
    on_its_way(case)
    case.reported(case.r1, FAILED, "2026-03-03 10:00")
    case.reported(case.r1, DELIVERED, "2026-03-05 10:00")
    assert standing(case) is None


def test_a_signed_record_ends_the_leg_whatever_the_operator_has_said_by_then(case: Case) -> None:
    on_its_way(case)
    case.reported(case.r1, FAILED, "2026-03-03 10:00")
    case.signed(case.r1, "2026-03-10 10:00")
    assert (case.shipment(case.r1).live, stage(case)) == (False, Stage.WAITING_AT_COUNTER)
    case.reported(case.r1, RETURNED, "2026-03-10 09:00")
    assert (case.shipment(case.r1).state, stage(case)) == ("returned", Stage.WAITING_AT_COUNTER)
    assert set(case.holders().values()) == {DESK}


def test_a_record_that_is_signed_twice_begins_one_stay(case: Case) -> None:
    brought_back(case)
    told = len(case.told_citizen())
    case.signed_again()
    assert len(case.told_citizen()) == told


def test_the_story_tells_of_the_counter(case: Case) -> None:
    brought_back(case)
    assert any("chờ tại bộ phận một cửa" in moment.what_vi for moment in case.timeline())


def test_papers_go_over_the_post_and_back(case: Case) -> None:
    brought_back(case)
    assert case.hands("Kết quả") == [(POST, "2026-03-03 08:00"), (DESK, "2026-03-10 10:00")]
