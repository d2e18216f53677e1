"""The register on both databases: no number twice, none left out, whoever prints at the same time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from dispatch.context import Context
from dispatch.documents.document import Document
from dispatch.documents.kinds import DocumentKind, Validity
from dispatch.documents.register import IssuedDocument, foresee, issue, issued
from dispatch.retention import drop_old_documents
from tests.dispatch.documents.samples import HANDOVER, LABEL, document
from tests.dispatch.people import NOW, two_at_once

ON_BOTH = pytest.mark.parametrize(
    "given", ["context", pytest.param("postgres_context", marks=pytest.mark.needs_postgres)]
)


@pytest.fixture
def desk(given: str, request: pytest.FixtureRequest) -> Context:
    context: Context = request.getfixturevalue(given)
    return context


def labels(*subjects: str) -> list[Document]:
    return [document(replace(LABEL, order_number=one), one) for one in subjects]


def printed(context: Context, documents: list[Document], at: datetime = NOW) -> list[tuple[str, int]]:
    with context.database.write() as session:
        return [(one.number, one.copy_no) for one in issue(session, documents, "Hà Thị Mai", at)]


@ON_BOTH
def test_two_who_print_at_once_never_get_the_same_number(desk: Context) -> None:
    names = iter("ab")

    def act_of(session: object) -> str:
        (one,) = issue(session, labels(next(names)), "x", NOW)  # type: ignore[arg-type]
        return one.number

    assert sorted(two_at_once(desk.database, act_of)) == ["000001/2026/NBG-H14.10", "000002/2026/NBG-H14.10"]


@ON_BOTH
def test_of_two_who_print_the_same_at_once_one_gets_the_copy(desk: Context) -> None:
    def act(session: object) -> str:
        (one,) = issue(session, labels("a"), "x", NOW)  # type: ignore[arg-type]
        return f"{one.number} {one.copy_no}"

    assert sorted(two_at_once(desk.database, act)) == ["000001/2026/NBG-H14.10 0", "000001/2026/NBG-H14.10 1"]


@ON_BOTH
def test_five_hundred_get_five_hundred_numbers_in_their_order(desk: Context) -> None:
    many = labels(*(f"o-{n}" for n in range(500)))
    first = printed(desk, many)
    assert [number for number, _ in first] == [f"{n:06}/2026/NBG-H14.10" for n in range(1, 501)]
    assert printed(desk, many) == [(number, 1) for number, _ in first]


@ON_BOTH
def test_what_is_foreseen_is_what_is_given(desk: Context) -> None:
    printed(desk, labels("a", "b"))
    wanted = [*labels("b", "c"), document(HANDOVER, "1", validity=Validity.SIGNED)]
    with desk.database.read() as session:
        foreseen = foresee(session, wanted, NOW)
    with desk.database.write() as session:
        assert issue(session, wanted, "x", NOW) == foreseen


def test_a_print_that_came_to_nothing_leaves_no_gap(context: Context) -> None:
    with context.database.write() as session:
        issue(session, labels("a"), "x", NOW)
        session.rollback()
    assert printed(context, labels("b")) == [("000001/2026/NBG-H14.10", 0)]


def test_each_agency_and_each_year_counts_by_itself(context: Context) -> None:
    other = [document(LABEL, "x", agency="H14.11")]
    # New Year's Eve in Vietnam is over while it is still afternoon in UTC.
    eve = datetime(2026, 12, 31, 16, 59, tzinfo=UTC)
    numbers = [
        printed(context, what, at)[0][0]
        for what, at in ((labels("a"), eve), (other, eve), (labels("b"), eve + timedelta(minutes=1)))
    ]
    assert numbers == ["000001/2026/NBG-H14.10", "000001/2026/NBG-H14.11", "000001/2027/NBG-H14.10"]


def test_the_register_tells_who_printed_what_and_how_often(context: Context) -> None:
    for _ in range(3):
        printed(context, labels("a"))
    with context.database.read() as session:
        ((row, prints),) = issued(session, DocumentKind.LABEL, "a")
    assert row.number == "000001/2026/NBG-H14.10"
    assert [(one.copy_no, one.printed_by, one.printed_at) for one in prints] == [
        (n, "Hà Thị Mai", NOW) for n in range(3)
    ]


def test_what_is_signed_is_kept_and_what_is_not_is_not(context: Context) -> None:
    signed = document(HANDOVER, "1", validity=Validity.SIGNED)
    printed(context, [signed, *labels("a")])
    with context.database.read() as session:
        kept = {row.kind: row.content for row in session.query(IssuedDocument)}
        raw = (
            session.connection()
            .exec_driver_sql("SELECT content FROM issued_document WHERE kind = 'handover'")
            .scalar_one()
        )
    assert kept == {DocumentKind.HANDOVER: signed.text, DocumentKind.LABEL: None}
    assert "Lý Văn Hải" not in raw


@ON_BOTH
def test_what_nobody_has_printed_for_five_years_goes_and_its_number_is_not_given_again(desk: Context) -> None:
    kept, now = desk.settings.document_days, desk.clock.now()
    long_ago, lately = now - timedelta(days=kept + 1), now - timedelta(days=kept - 1)
    (slip,) = printed(desk, labels("once"), long_ago)
    printed(desk, labels("once"), long_ago)
    printed(desk, labels("again"), long_ago)
    printed(desk, labels("again"), lately)
    printed(desk, labels("new"), lately)
    assert drop_old_documents(desk) == 3  # the document and its two prints
    with desk.database.read() as session:
        assert set(session.scalars(select(IssuedDocument.subject))) == {"again", "new"}
        ((_, prints),) = issued(session, DocumentKind.LABEL, "again")
        assert [one.copy_no for one in prints] == [0, 1], "what is printed still keeps its whole history"
    assert drop_old_documents(desk) == 0
    (fresh,) = printed(desk, labels("once"), long_ago)
    assert fresh[0] != slip[0]


def test_however_many_are_old_all_of_them_go(context: Context) -> None:
    long_ago = context.clock.now() - timedelta(days=context.settings.document_days + 1)
    for part in range(3):
        printed(context, labels(*(f"o-{part}-{n}" for n in range(500))), long_ago)
    assert drop_old_documents(context) == 3000
