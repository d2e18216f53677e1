"""A month at a post office whose statement of account is wrong in every way that statements are wrong."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.accounts import PostageReduction
from config.clock import VIETNAM
from dispatch.money.books import books_of
from dispatch.money.statements.importing import import_statement, review, settle_difference
from dispatch.money.statements.matching import Cause
from dispatch.money.statements.rows import (
    StatementDifference,
    StatementLine,
    differences_of,
    get_statement,
    lines_of,
)
from dispatch.money.statements.words import worded
from dispatch.order_changes import ask_to_cancel
from dispatch.problems import Problem
from dispatch.routing import note_price
from dispatch.shipment_queries import get_shipment
from tests.support.desk import ACCOUNT, MONDAY, TestDesk, opened_desk
from tests.support.schema import with_tables
from tests.support.workbooks import Written, workbook
from tests.tracking.case import COLLECTED, DELIVERED, Case
from tests.tracking.conftest import ON_BOTH
from tracking.watch import attention

SAMPLE = Path(__file__).parents[2] / "data" / "statement-2026-03.csv"
APRIL = datetime(2026, 4, 3, 9, 0, tzinfo=VIETNAM)

SEEDED = {
    (Cause.AMOUNT_DIFFERS, 7),
    (Cause.DIGITS_SWAPPED, 8),
    (Cause.DOUBLED_LINE, 10),
    (Cause.UNKNOWN_ORDER, 11),
    (Cause.NOT_COLLECTED, 12),
    (Cause.WRONG_PAYER, 13),
    (Cause.CANCELLED_CHARGED, 14),
    (Cause.RETURN_TWICE, 16),
    (Cause.OUTSIDE_PERIOD, 17),
    (Cause.NOT_REDUCED, 18),
    (Cause.ORDER_MISTYPED, 19),
    (Cause.POSTAGE_WITHHELD, 20),
    (Cause.NOT_IN_STATEMENT, None),
    (Cause.SUM_DIFFERS, None),
}
"""What is wrong with the sample, by line of the file."""


@pytest.fixture
def month(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestDesk]:
    """March 2026: thirteen dossiers of which the post collects the fee, and one whose result it brings."""
    with ExitStack() as stack:
        url = None
        if getattr(request, "param", "sqlite") == "postgresql":
            url = stack.enter_context(with_tables(request.getfixturevalue("postgres_url")))
        desk = stack.enter_context(opened_desk(tmp_path, url))
        free = PostageReduction(
            group="poor_household", percent_off=50, legal_source="Agreement 12/2026", valid_from=date(2026, 1, 1)
        )
        accounts = desk.context.accounts.model_copy(update={"postage_reductions": (free,)})
        desk.context = dataclasses.replace(desk.context, accounts=accounts)
        with desk.context.database.write() as session:
            note_price(session, ACCOUNT, ("04", "04"), 30_000, MONDAY)
        for number in (*range(101, 109), *range(110, 114)):
            _sent(desk, number)
        _returned(desk)
        desk.clock.at(APRIL)
        yield desk


def _case(desk: TestDesk, number: int, **more: object) -> Case:
    desk.clock.at(MONDAY)
    case = Case(desk, f"H14.10-260302-{number:04}")
    case.register(**more)
    return case


def _sent(desk: TestDesk, number: int) -> None:
    case = _case(desk, number, fee_vnd=50_000 if number == 113 else 25_000)
    claim = {"postage_group": "poor_household", "postage_group_proof": "Sổ hộ nghèo 07/2026"} if number == 111 else {}
    case.order("send", fee_route="by_post", **claim)
    if number == 108:
        with desk.context.database.write() as session:
            ask_to_cancel([get_shipment(session, case.s1)], desk.clock.now())
    elif number != 106:
        case.reported(case.s1, COLLECTED, "2026-03-02 09:00")


def _returned(desk: TestDesk) -> None:
    case = _case(desk, 109, fee_vnd=0)
    case.order("receive")
    case.happens("accepted", "2026-03-02 09:00")
    case.finished("2026-03-04 15:00")
    case.reported(case.r1, COLLECTED, "2026-03-05 09:00")
    case.reported(case.r1, DELIVERED, "2026-03-05 15:00")


def sample_as_workbook() -> bytes:
    """Return the sample as a spreadsheet program keeps it: amounts are numbers and days are numbers of days."""
    rows = csv.reader(io.StringIO(SAMPLE.read_text(encoding="utf-8-sig"), newline=""), delimiter=";")
    return workbook([[_typed(cell) for cell in row] for row in rows])


def _typed(cell: str) -> Written:
    digits = cell.replace(" đ", "").replace(".", "")
    if digits.isdecimal():
        return int(digits)
    try:
        return datetime.strptime(cell, "%d/%m/%Y").date()  # noqa: DTZ007 - a day
    except ValueError:
        return cell


def _found(desk: TestDesk, statement: int) -> list[StatementDifference]:
    with desk.read() as session:
        return differences_of(session, get_statement(session, statement))


def _accepted(desk: TestDesk, statement: int) -> list[int]:
    with desk.read() as session:
        lines = lines_of(session, get_statement(session, statement))
        return [line.line for line in lines if line.accepted_at is not None]


@pytest.mark.parametrize("month", ON_BOTH, indirect=True)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_seeded_error_is_found_with_its_cause_and_nothing_else(month: TestDesk, kind: str) -> None:
    content = SAMPLE.read_bytes() if kind == "csv" else sample_as_workbook()
    statement, new = import_statement(month.context, ACCOUNT, f"T3.{kind}", content)
    assert new
    found = _found(month, statement)
    assert {(one.kind, one.line) for one in found} == SEEDED
    assert len(found) == len(SEEDED) >= 10
    by_cause = {one.kind: one for one in found}
    missing, total = by_cause[Cause.NOT_IN_STATEMENT], by_cause[Cause.SUM_DIFFERS]
    assert missing.order_number == "H14.10-260302-0105-S1"
    assert (total.expected_vnd, total.stated_vnd) == (317_000, 400_000)
    assert by_cause[Cause.ORDER_MISTYPED].order_number == "H14.10-260302-0112-S1"
    assert (by_cause[Cause.NOT_REDUCED].expected_vnd, by_cause[Cause.NOT_REDUCED].stated_vnd) == (15_000, 30_000)
    for one in found:
        words = worded(one)
        assert words["next_step_vi"]
        assert words["next_step_en"]
        assert "{" not in "".join(words.values())


def test_lines_with_which_nothing_is_wrong_become_facts_and_others_do_not(month: TestDesk) -> None:
    statement, _ = import_statement(month.context, ACCOUNT, "T3.csv", SAMPLE.read_bytes())
    assert _accepted(month, statement) == [6, 9, 15]
    with month.read() as session:
        settled = books_of(session, "H14.10-260302-0101")
        assert settled.standing.settled
        (remitted,) = [fact for fact in settled.facts if "remitted" in fact.id]
        assert remitted.evidence == f"statement {statement} (T3.csv), line 6"
        (debt,) = books_of(session, "H14.10-260302-0102").standing.debts
        assert (debt.debtor, debt.creditor, debt.amount_vnd) == ("post", "agency", 25_000)


def test_a_statement_twice_changes_nothing(month: TestDesk) -> None:
    first = import_statement(month.context, ACCOUNT, "T3.csv", SAMPLE.read_bytes())
    again = import_statement(month.context, ACCOUNT, "T3 (1).csv", SAMPLE.read_bytes())
    assert (first[0], True, first[0], False) == (*first, *again)
    with month.read() as session:
        assert session.scalar(select(func.count()).select_from(StatementLine)) == 15


def test_the_same_lines_in_another_file_count_once(month: TestDesk) -> None:
    first, _ = import_statement(month.context, ACCOUNT, "T3.csv", SAMPLE.read_bytes())
    second, _ = import_statement(month.context, ACCOUNT, "T3.xlsx", sample_as_workbook())
    told_before = {one.line: one.detail for one in _found(month, second) if one.kind is Cause.TOLD_BEFORE}
    assert told_before == dict.fromkeys((6, 9, 15), f"{first} (T3.csv)")
    assert _accepted(month, second) == []


def test_a_difference_is_settled_by_a_person_who_may_take_the_line(month: TestDesk) -> None:
    statement, _ = import_statement(month.context, ACCOUNT, "T3.csv", SAMPLE.read_bytes())
    by_cause = {one.kind: one.id for one in _found(month, statement)}
    said = {"by": "Hà Thị Mai", "note": "Phiếu gửi 17"}
    settle_difference(month.context, statement, by_cause[Cause.ORDER_MISTYPED], take=True, **said)
    settle_difference(month.context, statement, by_cause[Cause.ORDER_MISTYPED], take=True, **said)
    with month.read() as session:
        assert books_of(session, "H14.10-260302-0112").standing.settled
    with pytest.raises(Problem, match="settled by Hà Thị Mai"):
        settle_difference(month.context, statement, by_cause[Cause.ORDER_MISTYPED], by="X", note="y", take=False)
    with pytest.raises(Problem, match="no line of a known order"):
        settle_difference(month.context, statement, by_cause[Cause.UNKNOWN_ORDER], take=True, **said)
    with pytest.raises(Problem, match="has no difference"):
        settle_difference(month.context, statement, 999, take=False, **said)
    assert review(month.context) == len(SEEDED) - 1


def test_what_facts_explain_later_settles_itself(month: TestDesk) -> None:
    statement, _ = import_statement(month.context, ACCOUNT, "T3.csv", SAMPLE.read_bytes())
    late = Case(month, "H14.10-260302-0106")
    late.reported(late.s1, COLLECTED, "2026-03-02 09:30")
    assert review(month.context) == len(SEEDED) - 1
    (explained,) = [one for one in _found(month, statement) if one.settled_at]
    assert (explained.kind, explained.settled_by) == (Cause.NOT_COLLECTED, "postal")
    assert 12 in _accepted(month, statement)


def test_a_corrected_line_of_a_later_statement_mends_the_earlier_one(month: TestDesk) -> None:
    first, _ = import_statement(month.context, ACCOUNT, "T3.csv", SAMPLE.read_bytes())
    mended = "Số đơn;Ngày;Thu hộ;Đã nộp\nH14.10-260302-0102-S1;02/03/2026;25.000;25.000\n".encode()
    second, _ = import_statement(month.context, ACCOUNT, "T3-sua.csv", mended)
    assert _accepted(month, second) == [2]
    review(month.context)
    assert [one.kind for one in _found(month, first) if one.settled_at] == [Cause.AMOUNT_DIFFERS]


def test_open_differences_and_fees_not_remitted_wait_for_somebody(month: TestDesk) -> None:
    import_statement(month.context, ACCOUNT, "T3.csv", SAMPLE.read_bytes())
    with month.read() as session:
        found = attention(session, month.context, month.office)
    differences = [one for one in found if one.kind == "statement-difference"]
    assert len(differences) == len(SEEDED)
    unremitted = {one.dossier for one in found if one.kind == "fee-not-remitted"}
    assert "H14.10-260302-0105" in unremitted
    assert "H14.10-260302-0101" not in unremitted
    (said,) = [one for one in found if one.kind == "fee-not-remitted" and one.dossier == "H14.10-260302-0105"]
    assert "25.000 đ" in said.what_vi
    assert "03/03/2026" in said.what_vi


def test_a_file_that_cannot_be_read_names_every_cell_and_keeps_nothing(month: TestDesk) -> None:
    bad = "Số đơn;Ngày;Thu hộ\nH14.10-260302-0101-S1;99/03/2026;25.00\n".encode()
    with pytest.raises(Problem) as refusal:
        import_statement(month.context, ACCOUNT, "T3.csv", bad)
    assert [(one["line"], one["column"]) for one in refusal.value.extra["errors"]] == [(2, "Thu hộ"), (2, "Ngày")]
    with pytest.raises(Problem, match="for which days"):
        import_statement(month.context, ACCOUNT, "T3.csv", "Số đơn;Thu hộ\nX;25.000\n".encode())
    with pytest.raises(Problem, match="vnpost-province"):
        import_statement(month.context, "nobody", "T3.csv", SAMPLE.read_bytes())
    with month.read() as session:
        assert session.scalar(select(func.count()).select_from(StatementLine)) == 0
