"""What a one-stop tells by messages: applied once, in the order of the dossier's line, and never lost in silence."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config.accounts import OneStopSystem
from dispatch.forms import DossierForm
from dispatch.onestop.contract import Changes, NotADossierError, OneStop, Statement
from dispatch.outbox_rows import Delivery, OutboxMessage
from dispatch.shipment_queries import shipments_of
from tests.support.desk import TestDesk, dossier_body, order_body
from tests.tracking.case import Case
from tests.tracking.deadlines.story import at
from tracking import inbox, onestop_inbox, onestop_lines, onestop_statements, registering, watch
from tracking.inbox import InboxDelivery, InboxState
from tracking.onestop_inbox import IMPORTED, keep_statement
from tracking.onestop_statements import StatementRow, Word
from tracking.watching.items import Attention

SYSTEM = "igate"
_ids = itertools.count(1)


def say(case: Case, kind: str, body: dict[str, Any], *, id: str | None = None, when: str | None = None) -> str:
    """Let the system say something; returns its id."""
    key = id or f"message-{next(_ids)}"
    said_at = at(when) if when else None
    with case.desk.context.database.write() as session:
        keep_statement(session, SYSTEM, Statement(kind, key, case.code, body), case.desk.clock.now(), said_at)
    return key


def work(case: Case, onestops: Sequence[OneStop] | None = None) -> int:
    desk = case.desk
    return onestop_inbox.drain(desk.context, desk.office, desk.messenger.onestops if onestops is None else onestops)


def came_of(case: Case, key: str) -> tuple[Word, str]:
    """Return what came of a statement, and why."""
    with case.desk.read() as session:
        row = session.get_one(StatementRow, (f"onestop:{SYSTEM}", key))
        return row.outcome, row.detail


def event(kind: str, when: str, **more: Any) -> dict[str, Any]:
    return {"event_id": f"e{next(_ids)}", "type": kind, "at": at(when).isoformat(), "officer": "Hà Thị Mai", **more}


def order(case: Case, service: str = "send", **more: Any) -> dict[str, Any]:
    return order_body(service, **{"dossier": case.code, **more})


def unregistered(case: Case) -> Case:
    """A dossier of which nobody has told us yet."""
    return Case(case.desk, f"{case.code}-N{next(_ids)}")


def shipments(case: Case) -> list[str]:
    with case.desk.read() as session:
        return [f"{one.order_number}:{one.state}" for one in shipments_of(session, case.code)]


def parked(case: Case) -> int:
    with case.desk.read() as session:
        query = select(InboxDelivery.id).where(
            InboxDelivery.subject == case.code, InboxDelivery.state == InboxState.PARKED
        )
        return len(session.scalars(query).all())


def troubles(case: Case) -> list[Attention]:
    """Return what needs a hand because of what was told of this dossier, registered or not."""
    with case.desk.read() as session:
        found = watch.attention(session, case.desk.context, case.desk.office)
        return [one for one in found if one.kind.startswith("statement-") and case.code in one.what_en]


# --- a whole story, and its order ---


def test_a_dossier_that_is_told_by_messages_lives_as_one_that_came_over_http(case: Case) -> None:
    told = unregistered(case)
    say(told, "dossier", dossier_body())
    say(told, "order", order(told, "both"))
    work(told)
    assert [one.partition(":")[0] for one in shipments(told)] == [told.s1, told.r1]
    told.arrives()
    told.signed(told.s1, "2026-03-02 16:00")
    assert told.due == "2026-03-05 17:00"
    finished = say(
        told, "event", event("result_ready", "2026-03-02 16:00", result_papers=[{"name": "Kết quả", "originals": 1}])
    )
    told.now("2026-03-02 16:30")
    assert work(told) == 1
    assert came_of(told, finished)[0] is Word.APPLIED


def test_an_event_that_comes_before_its_dossier_waits_and_is_applied_when_the_dossier_is_registered(
    case: Case,
) -> None:
    told = unregistered(case)
    early = say(told, "event", event("accepted", "2026-03-02 08:00"))
    work(told)
    assert came_of(told, early)[0] is Word.AWAITS
    (trouble,) = troubles(told)
    assert (trouble.kind, trouble.dossier) == ("statement-waits", None)
    told.register()
    assert work(told) == 1
    assert came_of(told, early)[0] is Word.APPLIED
    assert told.facts() == [("start", "2026-03-02 08:00", "start.counter")]
    assert troubles(told) == []


def test_the_line_of_a_dossier_keeps_its_order_and_what_waits_in_it_follows_at_once(case: Case) -> None:
    told = unregistered(case)
    early = say(told, "event", event("accepted", "2026-03-02 08:00"))
    say(told, "dossier", dossier_body())
    asked = say(told, "event", event("supplement_requested", "2026-03-02 08:00", reason="bản sao hộ chiếu"))
    work(told)
    assert [came_of(told, key)[0] for key in (early, asked)] == [Word.APPLIED, Word.APPLIED]
    assert parked(told) == 0


def test_two_workers_at_once_apply_every_line_once_and_in_order(case: Case) -> None:
    dossiers = [unregistered(case) for _ in range(8)]
    for one in dossiers:
        say(one, "dossier", dossier_body())
    for one in dossiers:
        say(one, "event", event("accepted", "2026-03-02 08:00"))
    with ThreadPoolExecutor(2) as workers:
        settled = sum(workers.map(lambda _: work(case), range(2)))
    settled += work(case)
    assert settled == 16
    assert [len(one.facts()) for one in dossiers] == [1] * 8


# --- what was said before ---


def test_the_same_message_is_taken_once_and_its_id_is_good_for_no_other(case: Case) -> None:
    first = say(case, "order", order(case))
    say(case, "order", order(case), id=first)
    assert work(case) == 1
    with pytest.raises(ValueError, match="used before"):
        say(case, "order", order(case, "both"), id=first)
    with pytest.raises(ValueError, match="used before"):
        say(unregistered(case), "order", order(case), id=first)


def test_what_is_said_again_under_another_id_changes_nothing(case: Case) -> None:
    accepted = event("accepted", "2026-03-02 08:00")
    first = [say(case, "event", accepted), say(case, "order", order(case, "receive"))]
    work(case)
    again = [
        say(case, "dossier", dossier_body()),
        say(case, "event", accepted),
        say(case, "order", order(case, "receive")),
    ]
    work(case)
    assert [came_of(case, key)[0] for key in first] == [Word.APPLIED] * 2
    assert [came_of(case, key)[0] for key in again] == [Word.REPEATED] * 3
    assert (len(shipments(case)), len(case.facts())) == (1, 1)
    assert case.dossier().revision == 1


def test_an_older_version_of_a_dossier_does_not_undo_a_newer_one(case: Case) -> None:
    newer = say(case, "dossier", dossier_body(fee_vnd=30_000), when="2026-03-02 07:50")
    older = say(case, "dossier", dossier_body(fee_vnd=10_000), when="2026-03-02 07:40")
    work(case)
    assert [came_of(case, key)[0] for key in (newer, older)] == [Word.APPLIED, Word.OLDER]
    assert case.dossier().fee_vnd == 30_000


def test_an_old_cancellation_that_comes_late_leaves_the_newer_order_alone(case: Case) -> None:
    say(case, "order", order(case), when="2026-03-02 07:50")
    late = say(case, "cancel", {}, when="2026-03-02 07:40")
    work(case)
    assert came_of(case, late)[0] is Word.OLDER
    assert shipments(case) == [f"{case.s1}:requested"]


def test_an_event_that_contradicts_the_others_is_kept_and_shown_and_moves_no_date(case: Case) -> None:
    say(case, "event", event("accepted", "2026-03-02 08:00"))
    resumed = say(case, "event", event("resumed", "2026-03-02 08:00"))
    work(case)
    word, why = came_of(case, resumed)
    assert (word, case.due) == (Word.CONTRADICTS, "2026-03-05 17:00")
    assert "resumed" in why
    assert any("contradiction" in kind for kind in case.attention_kinds())


# --- orders and what is changed about them ---


def test_an_order_gets_another_address_and_is_cancelled_without_its_id(case: Case) -> None:
    say(case, "order", order(case))
    address = {"text": "Tổ 7, Phường Thục Phán, tỉnh Cao Bằng", "era": "new2"}
    moved = say(case, "address", {"address": address})
    work(case)
    assert came_of(case, moved) == (Word.APPLIED, "")
    assert "Thục Phán" in case.shipment(case.s1).citizen
    say(case, "cancel", {})
    work(case)
    assert shipments(case) == [f"{case.s1}:cancelled"]


def test_what_is_meant_for_an_order_that_is_not_there_is_refused(case: Case) -> None:
    cancelled = say(case, "cancel", {})
    named = say(case, "cancel", {"order": "no-such-order"})
    work(case)
    assert "has no postal order" in came_of(case, cancelled)[1]
    assert "'no-such-order'" in came_of(case, named)[1]


# --- what cannot be done ---


def test_what_a_rule_refuses_is_shown_with_its_reason_and_tried_again_only_when_a_person_says_so(case: Case) -> None:
    case.register(procedure={**dossier_body()["procedure"], "postal_submission": False})
    refused = say(case, "order", order(case))
    work(case)
    word, why = came_of(case, refused)
    assert (word, shipments(case)) == (Word.REFUSED, [])
    assert "not allowed" in why
    (trouble,) = troubles(case)
    assert trouble.dossier == case.code
    assert "Offer the citizen a service that the procedure allows" in trouble.next_step_en
    assert "Hướng dẫn công dân" in trouble.next_step_vi
    watch.sweep(case.desk.context, case.desk.office)
    assert "statement-refused" in [data["kind"] for data in case.told_onestop("postal.attention_needed")]
    case.register()
    case.desk.clock.forward(days=40)
    assert work(case) == 0
    with case.desk.context.database.write() as session:
        (row,) = session.scalars(select(StatementRow).where(StatementRow.key == refused))
        onestop_lines.try_again(session, [row.delivery_id])
    assert work(case) == 1
    assert (came_of(case, refused)[0], len(shipments(case))) == (Word.APPLIED, 1)


def test_a_refused_registration_rests_when_a_better_one_is_taken(case: Case) -> None:
    told = unregistered(case)
    wrong = say(told, "dossier", dossier_body(applicant={"name": "Bế Đức Hiếu", "phone": "12"}))
    work(told)
    assert [one.kind for one in troubles(told)] == ["statement-refused"]
    say(told, "dossier", dossier_body())
    work(told)
    assert (came_of(told, wrong)[0], parked(told), troubles(told)) == (Word.OLDER, 0, [])


def test_a_system_speaks_for_its_own_dossiers_alone(case: Case) -> None:
    case.register(source_system="another")
    said = [
        say(case, "dossier", dossier_body()),
        say(case, "event", event("accepted", "2026-03-02 08:00")),
        say(case, "order", order(case)),
    ]
    work(case)
    assert {came_of(case, key)[0] for key in said} == {Word.REFUSED}
    assert "source system 'another'" in came_of(case, said[0])[1]
    assert (case.dossier().source_system, case.facts(), shipments(case)) == ("another", [], [])


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("wish", {}, "'wish' is none of dossier, event"),
        ("event", {"type": "accepted"}, "event_id: Field required"),
        ("order", {"dossier": "H14-another"}, "service: Field required"),
        ("cancel", {"order": "x", "reason": "no"}, "no postal order 'x'"),
    ],
)
def test_what_cannot_be_understood_says_what_is_wrong_with_it(
    case: Case, kind: str, body: dict[str, Any], why: str
) -> None:
    key = say(case, kind, body)
    work(case)
    assert came_of(case, key)[0] is Word.REFUSED
    assert why in came_of(case, key)[1]


def test_an_order_for_another_dossier_than_its_message_is_about_is_refused(case: Case) -> None:
    key = say(case, "order", order(case, dossier="H14.10-260302-99999"))
    work(case)
    assert "'H14.10-260302-99999'" in came_of(case, key)[1]


def test_what_was_told_waits_while_its_system_is_not_in_the_configuration(case: Case) -> None:
    key = say(case, "order", order(case))
    work(case, onestops=())
    assert "no one-stop 'igate'" in troubles(case)[0].what_en
    case.desk.clock.forward(minutes=11)
    assert work(case) == 1
    assert came_of(case, key)[0] is Word.APPLIED
    assert troubles(case) == []


# --- what was read from a system's books ---


class Books:
    """A system whose dossiers are read: what it shows is the body of a registration, with ``accepted`` beside it."""

    system = OneStopSystem(id=SYSTEM, connector="books", source_systems=("igate",))

    def tell(self, message: OutboxMessage) -> Delivery:
        return Delivery(True, None, message.id, 0)

    def close(self) -> None:
        """Nothing is open."""

    def changes(self, position: str | None) -> Changes:
        return Changes((), position or "", more=False)

    def understand(self, raw: Any) -> Sequence[Statement]:
        if "dossier" not in raw:
            raise NotADossierError("it has no field 'dossier'")
        code, accepted = raw["code"], raw.get("accepted")
        told = [Statement("dossier", f"{code}:dossier", code, raw["dossier"])]
        if accepted:
            told.append(Statement("event", f"{code}:accepted", code, accepted))
        return told


def imported(case: Case, version: str, raw: dict[str, Any]) -> None:
    with case.desk.context.database.write() as session:
        inbox.keep(
            session,
            source=f"onestop:{SYSTEM}",
            key=f"{case.code}:{version}",
            kind=IMPORTED,
            body={"code": case.code, **raw},
            now=case.desk.clock.now(),
            subject=case.code,
        )


def test_what_was_read_is_understood_and_applied_and_the_next_version_brings_only_what_is_new(case: Case) -> None:
    told, books = unregistered(case), Books()
    imported(told, "1", {"dossier": dossier_body()})
    assert work(told, [books]) == 1
    accepted = event("accepted", "2026-03-02 08:00")
    imported(told, "2", {"dossier": dossier_body(), "accepted": accepted})
    imported(told, "3", {"dossier": dossier_body(fee_vnd=0), "accepted": accepted})
    assert work(told, [books]) == 2
    assert (len(told.facts()), told.dossier().fee_vnd) == (1, 0)
    assert came_of(told, f"{told.code}:accepted")[0] is Word.APPLIED


def test_what_was_read_and_is_no_dossier_is_shown_until_a_version_comes_that_is(case: Case) -> None:
    told, books = unregistered(case), Books()
    imported(told, "1", {})
    work(told, [books])
    assert "no field 'dossier'" in troubles(told)[0].what_en
    imported(told, "2", {"dossier": dossier_body()})
    work(told, [books])
    assert (troubles(told), parked(told), told.dossier().code) == ([], 0, told.code)


def test_what_a_connector_that_reads_nothing_is_said_to_have_read_is_refused(case: Case) -> None:
    imported(case, "1", {"dossier": dossier_body()})
    work(case)
    assert "'rest' reads no dossiers" in troubles(case)[0].what_en


# --- kept as long as it serves ---


def test_what_came_of_a_statement_is_dropped_when_it_is_old_unless_it_waits_for_a_person(desk: TestDesk) -> None:
    now = desk.clock.now()
    with desk.context.database.write() as session:
        form = DossierForm.model_validate(dossier_body())
        registering.register(session, desk.context.accounts, "H14-1", form, now)
        for key, word in (("done", Word.APPLIED), ("open", Word.REFUSED)):
            row = StatementRow(source="onestop:igate", key=key, dossier_code="H14-1", kind="order", delivery_id=1)
            row.digest = ""
            onestop_statements.write_down(session, row, onestop_statements.Outcome(word), now)
    with desk.context.database.write() as session:
        session.execute(onestop_statements.old(now + timedelta(days=1)))
        assert [row.key for row in onestop_statements.newest(session, None, 10)] == ["open"]
        assert [row.key for row in onestop_statements.newest(session, "H14-1", 10, only_waiting=True)] == ["open"]
