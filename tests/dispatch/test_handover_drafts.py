"""A record grows line by line until it is signed, and not after that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import true

from dispatch.forms import Direction, SignatureForm
from dispatch.handover_drafts import add_line, drafts, drop_line, signed_since
from dispatch.handover_signing import sign
from dispatch.problems import Problem
from tests.support.desk import AGENCY, MONDAY, TestDesk, opened_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    folder: Path = tmp_path_factory.mktemp("drafts")
    with opened_desk(folder) as desk:
        yield desk


@pytest.fixture
def numbers(desk: TestDesk, request: pytest.FixtureRequest) -> list[str]:
    """Two orders whose papers come to the desk."""
    codes = [f"H14.10-260302-{abs(hash(request.node.name)) % 10**6:06}{n}" for n in range(2)]
    for code in codes:
        desk.register(code)
    return [desk.order("send", dossier=code)[0] for code in codes]


def add(desk: TestDesk, record: int | None, number: str) -> tuple[int, bool]:
    with desk.context.database.write() as session:
        handover, is_new = add_line(session, record, AGENCY, Direction.TO_AGENCY, number, MONDAY)
        return handover.id, is_new


def test_lines_are_added_once_and_taken_off(desk: TestDesk, numbers: list[str]) -> None:
    record, is_new = add(desk, None, numbers[0])
    assert is_new
    assert add(desk, record, numbers[1]) == (record, True)
    assert add(desk, record, numbers[1]) == (record, False)
    with desk.read() as session:
        assert {handover.id: count for handover, count in drafts(session, true(), 10)}[record] == 2
    with desk.context.database.write() as session:
        drop_line(session, record, numbers[0])
        drop_line(session, record, numbers[1])
    with desk.read() as session:
        assert record not in {handover.id for handover, _ in drafts(session, true(), 10)}


def test_another_number_is_given_after_an_empty_draft(desk: TestDesk, numbers: list[str]) -> None:
    first, _ = add(desk, None, numbers[0])
    with desk.context.database.write() as session:
        drop_line(session, first, numbers[0])
    second, _ = add(desk, None, numbers[1])
    assert first != second


def test_a_signed_record_takes_no_more(desk: TestDesk, numbers: list[str]) -> None:
    record, _ = add(desk, None, numbers[0])
    line = {"order": numbers[0], "accepted": True}
    form = SignatureForm.model_validate({"signed_at": MONDAY, "officer": "Mai", "postman": "Hải", "lines": [line]})
    with desk.context.database.write() as session:
        sign(session, record, form, MONDAY)
    with pytest.raises(Problem, match="signed already"):
        add(desk, record, numbers[1])
    with desk.read() as session:
        assert record in {handover.id for handover, _ in signed_since(session, true(), MONDAY, 10)}
