"""Dossiers of a one-stop system come into the inbox once each, and the position moves only with what is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.accounts import OneStopSystem
from config.clock import wall_now
from dispatch.context import Context
from dispatch.dossiers import Dossier, put_dossier
from dispatch.forms import DossierForm
from dispatch.onestop.contract import Changes, Imported, OneStopError
from dispatch.onestop.igate.simulator.office import written
from dispatch.onestop.rest import RestOneStop
from tests.support.desk import TestDesk, opened_desk
from tests.support.igate import Installation, installation
from tests.support.schema import with_tables
from tracking import onestop_importing, watch
from tracking.inbox import InboxDelivery
from tracking.onestop_positions import OnestopPosition
from tracking.watching.items import Attention


@pytest.fixture
def igate(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path, every_minutes=10) as igate:
        yield igate


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    with opened_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def on_postgres(tmp_path: Path, postgres_url: str) -> Iterator[TestDesk]:
    with with_tables(postgres_url) as url, opened_desk(tmp_path, url) as desk:
        yield desk


def kept(context: Context) -> list[InboxDelivery]:
    with context.database.read() as session:
        rows = session.scalars(select(InboxDelivery).where(InboxDelivery.kind == "imported").order_by(InboxDelivery.id))
        return [row for row in rows if row.body]


def position(context: Context) -> OnestopPosition:
    with context.database.read() as session:
        return session.scalars(select(OnestopPosition)).one()


def test_every_dossier_is_kept_once_and_a_change_once_more(igate: Installation, desk: TestDesk) -> None:
    codes = [igate.file("kept") for _ in range(7)]
    assert onestop_importing.drain(desk.context, [igate.onestop]) == 7
    desk.clock.forward(minutes=11)
    igate.change(codes[3])
    assert onestop_importing.drain(desk.context, [igate.onestop]) == 1
    rows = kept(desk.context)
    assert {row.source for row in rows} == {"onestop:igate-cb"}
    assert sorted(row.subject or "" for row in rows) == sorted([*codes, codes[3]])
    assert all(row.key.startswith(f"{row.subject}:") for row in rows)


def test_a_system_is_asked_when_it_is_due_and_not_before(igate: Installation, desk: TestDesk) -> None:
    onestop_importing.drain(desk.context, [igate.onestop])
    igate.file("later")
    desk.clock.forward(minutes=7)
    assert onestop_importing.drain(desk.context, [igate.onestop]) == 0
    desk.clock.forward(minutes=4)
    assert onestop_importing.drain(desk.context, [igate.onestop]) == 1


def test_what_is_kept_becomes_the_dossier_that_igate_shows(igate: Installation, desk: TestDesk) -> None:
    code = igate.file("whole way")
    onestop_importing.drain(desk.context, [igate.onestop])
    (row,) = kept(desk.context)
    statement = igate.onestop.understand(json.loads(row.body))[0]
    with desk.context.database.write() as session:
        put_dossier(session, code, DossierForm.model_validate(statement.body), desk.clock.now())
    with desk.context.database.read() as session:
        dossier = session.get(Dossier, code)
    assert dossier is not None
    assert (dossier.agency_code, dossier.term_amount, dossier.fee_vnd) == ("H14.10", 3, 25000)


def test_a_failure_between_pages_loses_nothing_and_the_pages_before_it_are_kept(
    igate: Installation, desk: TestDesk
) -> None:
    codes = {igate.file("failure") for _ in range(7)}
    igate.meanwhile(lambda: igate.office.make_trouble("error", "error", "error"))
    first = onestop_importing.drain(desk.context, [igate.onestop])
    assert 3 <= first < 7
    assert position(desk.context).failures == 1
    desk.clock.forward(minutes=2)
    onestop_importing.drain(desk.context, [igate.onestop])
    assert {row.subject for row in kept(desk.context)} == codes
    assert (position(desk.context).failures, position(desk.context).trouble) == (0, None)


def test_a_system_that_goes_on_failing_is_left_alone_ever_longer_and_shown(desk: TestDesk) -> None:
    waits = []
    for _ in range(3):
        onestop_importing.drain(desk.context, [_Broken(OneStopError("a page instead of data"))])
        row = position(desk.context)
        waits.append(row.next_look_at - desk.clock.now())
        desk.clock.at(row.next_look_at)
    assert waits[0] < waits[1] < waits[2]
    assert [one.kind for one in attention(desk)] == ["onestop-failing"]
    onestop_importing.drain(desk.context, [_Broken(None)])
    assert attention(desk) == []


def test_the_pause_that_a_system_asks_for_is_kept(desk: TestDesk) -> None:
    busy = _Broken(OneStopError("busy", retry_after=5 * 3600))
    onestop_importing.drain(desk.context, [busy])
    assert position(desk.context).next_look_at == desk.clock.now() + timedelta(hours=5)


def test_a_connector_that_breaks_keeps_the_others_from_nothing(igate: Installation, desk: TestDesk) -> None:
    code = igate.file("others")
    onestop_importing.drain(desk.context, [_Broken(ZeroDivisionError()), igate.onestop])
    assert [row.subject for row in kept(desk.context)] == [code]
    with desk.context.database.read() as session:
        assert "ZeroDivisionError" in str(session.get_one(OnestopPosition, "broken").trouble)


def test_a_system_that_somebody_else_is_reading_is_left_to_them(igate: Installation, desk: TestDesk) -> None:
    onestop_importing.drain(desk.context, [igate.onestop])
    igate.file("leased")
    desk.clock.forward(hours=1)
    with _leased(desk.context):
        assert onestop_importing.drain(desk.context, [igate.onestop]) == 0
    assert onestop_importing.drain(desk.context, [igate.onestop]) == 1


def test_whoever_lost_the_lease_on_the_way_writes_nothing(igate: Installation, desk: TestDesk) -> None:
    for _ in range(7):
        igate.file("taken over")

    def take_over() -> None:
        with desk.context.database.write() as session:
            session.scalars(select(OnestopPosition)).one().lease_until = wall_now() + timedelta(hours=1)

    igate.meanwhile(take_over)
    assert onestop_importing.drain(desk.context, [igate.onestop]) == 3
    assert position(desk.context).failures == 0


def test_systems_that_import_nothing_have_no_position(desk: TestDesk) -> None:
    rest = [one for one in desk.messenger.onestops if isinstance(one, RestOneStop)]
    assert rest
    assert onestop_importing.drain(desk.context, rest) == 0
    with desk.context.database.read() as session:
        assert session.scalars(select(OnestopPosition)).all() == []


def test_codes_of_any_kind_can_be_kept(desk: TestDesk) -> None:
    odd = ["x" * 500, "\x00", "\ud800", "mã hồ sơ\x1f", ""]
    assert onestop_importing.drain(desk.context, [_Shows(odd)]) == len(odd)
    assert onestop_importing.drain(desk.context, [_Shows(odd)]) == 0


def test_the_same_on_postgresql(igate: Installation, on_postgres: TestDesk) -> None:
    code = igate.file("postgresql")
    igate.office.change(code, nationCode="\x00 and \ud83d", appliedDate=written(igate.clock.now()))
    odd = ["\x00", "\ud800", "mã hồ sơ\x1f"]
    assert onestop_importing.drain(on_postgres.context, [igate.onestop, _Shows(odd)]) == 4
    on_postgres.clock.forward(hours=1)
    assert onestop_importing.drain(on_postgres.context, [igate.onestop, _Shows(odd)]) == 0


def attention(desk: TestDesk) -> list[Attention]:
    with desk.read() as session:
        found = watch.attention(session, desk.context, desk.office)
    return [one for one in found if one.kind == "onestop-failing"]


@contextmanager
def _leased(context: Context) -> Iterator[None]:
    with context.database.write() as session:
        session.scalars(select(OnestopPosition)).one().lease_until = wall_now() + timedelta(minutes=1)
    yield
    with context.database.write() as session:
        session.scalars(select(OnestopPosition)).one().lease_until = None


class _Shows(RestOneStop):
    """A system that shows dossiers with these codes."""

    def __init__(self, codes: list[str]) -> None:
        self._codes = codes

    @property
    def system(self) -> OneStopSystem:
        return _system("shows")

    def changes(self, position: str | None) -> Changes:
        return Changes(tuple(Imported(code, "1", {"code": code}) for code in self._codes), "end", more=False)

    def understand(self, raw: object) -> tuple[()]:
        return ()


class _Broken(_Shows):
    """A system of which every question ends in the same way, until it is mended (None)."""

    def __init__(self, error: Exception | None) -> None:
        super().__init__([])
        self._error = error

    @property
    def system(self) -> OneStopSystem:
        return _system("broken")

    def changes(self, position: str | None) -> Changes:
        if self._error is not None:
            raise self._error
        return super().changes(position)


def _system(name: str) -> OneStopSystem:
    return OneStopSystem(id=name, connector="other", source_systems=(name,))
