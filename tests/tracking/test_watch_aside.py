"""The watch looks at everything, which takes long where there is much: on SQLite others go on writing meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from dispatch.dossiers import get_dossier
from tests.support.desk import TestDesk
from tests.tracking.case import COLLECTED, UNKNOWN, Case
from tracking import watch

PATIENCE = 3.0


@pytest.fixture
def troubled(desk: TestDesk) -> Case:
    """A dossier with one trouble, at a desk on SQLite."""
    case = Case.opened(desk)
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, UNKNOWN, "2026-03-02 10:00")
    return case


@pytest.fixture
def watchman() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as watchman:
        yield watchman


def sweep(case: Case, watchman: ThreadPoolExecutor) -> Future[int]:
    return watchman.submit(watch.sweep, case.desk.context, case.desk.office)


def told(case: Case) -> list[str]:
    return [data["kind"] for data in case.told_onestop("postal.attention_needed")]


def test_a_look_that_finds_nothing_new_never_waits_for_a_writer(troubled: Case, watchman: ThreadPoolExecutor) -> None:
    assert sweep(troubled, watchman).result() == 1
    with troubled.desk.context.database.write() as session:
        get_dossier(session, troubled.code).fee_vnd = 30000
        session.flush()
        assert sweep(troubled, watchman).result(timeout=PATIENCE) == 1
    assert told(troubled) == ["unknown-code"]


def test_writers_do_not_wait_while_the_watch_looks(
    troubled: Case, watchman: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = watch.attention

    def look_while_another_dossier_is_registered(*about: object) -> object:
        found = look(*about)  # type: ignore[arg-type]
        watchman.submit(troubled.desk.register, f"{troubled.code}-9").result(timeout=PATIENCE)
        return found

    monkeypatch.setattr(watch, "attention", look_while_another_dossier_is_registered)
    assert watch.sweep(troubled.desk.context, troubled.desk.office) == 1
    assert told(troubled) == ["unknown-code"]
