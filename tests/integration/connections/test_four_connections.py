"""All four connections at once: at the end the three copies of every due date are equal, whatever failed meanwhile.

A third of the dossiers is filed in a VNPT-iGate, which is read; a third in a system on the message bus, a third in one
that calls over REST; the national portal keeps copies of all. RabbitMQ is stopped and started twice in the middle of
the news, and the portal is down for a day in which most due dates change.

The three copies are our own, as we tell whoever asks; that of the system in which the dossier is filed, made of nothing
but what we told it (in iGate a clerk types it in, as our list of undelivered messages asks for); and the portal's.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dispatch.outbox import OutboxMessage
from tests.integration.connections.plans import (
    FIRST_RESTART,
    PORTAL_COMES_BACK,
    PORTAL_GOES,
    RESULTS_ARE_BROUGHT,
    SECOND_RESTART,
    Case,
    Source,
    cases,
    moments,
)
from tests.integration.connections.province import Province, opened_province
from tests.integration.connections.systems import Said
from tests.support.town import wait_for
from tracking.inbox import UNDONE, InboxDelivery
from tracking.onestop_statements import StatementRow
from worker.bus.dead import dead_letters

DOSSIERS = int(os.environ.get("POSTAL_TEST_DOSSIERS", "36"))
"""By hand with 200 and more (``docs/onestops.md``); a few are enough to see at every change that it still holds."""

_COLLECTED, _DELIVERED = 2, 4
_WITH_THE_CITIZEN = "10"


@pytest.mark.needs_own_servers
@pytest.mark.timeout(900)  # two minutes of processor time, and other work beside it
def test_the_three_copies_of_every_due_date_end_equal(tmp_path: Path, postgres_url: str) -> None:
    dossiers = cases(DOSSIERS)
    with opened_province(tmp_path / "province", postgres_url) as province:
        _play(province, dossiers)
        assert list(_unequal(province, dossiers)) == []
        assert list(_not_once(province, dossiers)) == []
        assert province.troubles() == []
        assert dead_letters(province.bus_settings, 5.0) == []


# --- the week ---


def _play(province: Province, dossiers: list[Case]) -> None:
    for source in Source:
        province.system(source).file(case for case in dossiers if case.source is source)
    province.go_on(minutes=15)
    for moment in moments():
        _let_the_portal_go_or_come(province, until=moment)
        province.clock.advance_to(moment)
        news = [(case, step) for case in dossiers for step in case.plan.steps if step.at == moment]
        if moment in (FIRST_RESTART, SECOND_RESTART):
            province.restart_the_broker(partial(_happen, province, news))
        else:
            _happen(province, news)
        if moment == RESULTS_ARE_BROUGHT:
            _bring_results(province, dossiers)
        province.go_on(minutes=31)  # iGate and the operator are read again by then
    _play_to_the_end(province)


def _let_the_portal_go_or_come(province: Province, until: datetime) -> None:
    for instant, down in ((PORTAL_GOES, True), (PORTAL_COMES_BACK, False)):
        if province.clock.now() < instant <= until:
            province.go_on_to(instant)
            province.portal.be_down(down=down)


def _happen(province: Province, news: list[Said]) -> None:
    for source in Source:
        province.system(source).happen([said for said in news if said[0].source is source])


def _bring_results(province: Province, dossiers: list[Case]) -> None:
    """The postman comes for what has been ordered; on a slow machine that is a reading of iGate later."""
    brought = [case.order_number for case in dossiers if case.is_brought]
    for _ in range(10):
        if province.town.live_orders().keys() >= set(brought):
            break
        province.go_on(minutes=31)
    for number in brought:
        for code in (_COLLECTED, _DELIVERED):
            province.town.operator.push_event(number, code, province.clock.now())


def _play_to_the_end(province: Province) -> None:
    """Let hours pass until nobody is owed anything any more."""
    for _ in range(40):
        if not province.owed():
            break
        province.go_on(hours=2)
    wait_for("the bus to be heard to its end", lambda: province.bus.heard.keys() == _told(province, "hotich"))


# --- what must be true of it ---


def _unequal(province: Province, dossiers: list[Case]) -> Iterator[str]:
    """Yield every dossier of which not all copies are the date that it must have."""
    for case in dossiers:
        copies = {
            "ours": province.our_due(case),
            case.source.value: province.system(case.source).due(case.code),
            "portal": province.portal.due(case.code),
        }
        if set(copies.values()) != {case.plan.due}:
            yield f"{case.code} ({case.plan.name}) must be due {case.plan.due}: {copies}"


def _not_once(province: Province, dossiers: list[Case]) -> Iterator[str]:
    """Yield what was lost or took effect twice, of what was told us and of what we told."""
    with province.database.read() as session:
        if undone := session.scalar(select(func.count(InboxDelivery.id)).where(UNDONE)):
            yield f"{undone} deliveries are not applied"
        outcomes = Counter(session.scalars(select(StatementRow.outcome)))
        kept = select(InboxDelivery.subject, InboxDelivery.kind).where(InboxDelivery.kind.like("dossier.%"))
        events = Counter((str(code), kind) for code, kind in session.execute(kept))
    if outcomes.keys() != {"applied"}:
        yield f"what was said came to {outcomes}"
    for case in dossiers:
        expected = Counter((case.code, f"dossier.{step.kind}") for step in case.plan.steps)
        if case.source is Source.REST:
            expected[case.code, "dossier.registered"] = 1
        took = Counter({key: times for key, times in events.items() if key[0] == case.code})
        if took != expected:
            yield f"{case.code} took {took}, and {expected} happened"
        yield from _twice_at_the_portal(province, case)
    if {one.webhook_id for one in province.town.onestop.deliveries.received("callbacks")} != _told(
        province, "one-stop"
    ):
        yield "the callbacks are not those that we owed"
    ordered = {case.order_number: 1 for case in dossiers if case.is_brought}
    if province.town.live_orders() != ordered:
        yield f"the operator has {province.town.live_orders()}, and not {ordered}"


def _twice_at_the_portal(province: Province, case: Case) -> Iterator[str]:
    rows = Counter((row["ThoiDiemXuLy"], row["NoiDungXuLy"]) for row in province.portal.books.history(case.code))
    if max(rows.values(), default=0) != 1 or len(rows) < len(case.plan.steps):
        yield f"the portal's history of {case.code} is {rows}"
    copy = province.portal.books.dossier(case.code) or {}
    if case.is_brought and copy.get("TrangThaiHoSo") != _WITH_THE_CITIZEN:
        yield f"the portal does not know that the citizen has the result of {case.code}"


def _told(province: Province, system: str) -> set[str]:
    """Return the ids of everything that a system was owed."""
    query = select(OutboxMessage.id).where(OutboxMessage.destination == f"onestop:{system}")
    with province.database.read() as session:
        return set(session.scalars(query))
