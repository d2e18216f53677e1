"""Published lists never change, and a dossier keeps the one of its earliest acceptance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from dispatch.checklist_forms import ChecklistForm
from dispatch.checklists import current, fix, kept, publish
from dispatch.problems import Problem
from tests.dispatch.people import NOW, refusal, register

PROCEDURE = "1.004859"


def form(version: str = "p1", **more: Any) -> ChecklistForm:
    items = [{"name": "Tờ khai", "originals": 1}, {"name": "Ảnh thẻ", "copies": 2, "required": False}]
    body = {"source": "portal", "version": version, "valid_from": "2026-01-01", "items": items, **more}
    return ChecklistForm.model_validate(body)


def test_the_same_edition_again_changes_nothing(session: Session) -> None:
    first, new = publish(session, PROCEDURE, form(), "portal", NOW)
    again, newer = publish(session, PROCEDURE, form(), "portal", NOW)
    assert (new, newer) == (True, False)
    assert first == again


def test_a_version_that_says_something_else_is_refused(session: Session) -> None:
    publish(session, PROCEDURE, form(), "portal", NOW)
    with pytest.raises(Problem) as refused:
        publish(session, PROCEDURE, form(items=[{"name": "Tờ khai", "originals": 2}]), "portal", NOW)
    assert refusal(refused) == ("checklist-version", 409)


@pytest.mark.parametrize("items", [[{"name": "Tờ khai"}], [{"name": "Tờ khai", "originals": 1}] * 2])
def test_a_list_that_cannot_be_counted_is_refused(session: Session, items: list[dict[str, Any]]) -> None:
    with pytest.raises(Problem) as refused:
        publish(session, PROCEDURE, form(items=items), "portal", NOW)
    assert refusal(refused) == ("paper-list", 422)


def test_the_portal_counts_for_its_own_procedure_only(session: Session) -> None:
    publish(session, PROCEDURE, form("n2", source="national"), "national", NOW)
    publish(session, PROCEDURE, form("p1"), "portal", NOW)
    chosen = current(session, PROCEDURE, NOW)
    assert chosen is not None
    assert chosen.version == "p1"
    assert current(session, "9.999999", NOW) is None


def test_the_earliest_acceptance_counts_whenever_it_is_heard_of(session: Session) -> None:
    dossier = register(session)
    publish(session, PROCEDURE, form("p1"), "portal", NOW)
    publish(session, PROCEDURE, form("p2", valid_from="2026-03-04"), "portal", NOW)
    assert kept(session, dossier) is None
    fix(session, dossier, NOW + timedelta(days=3), "counter", NOW)
    fix(session, dossier, NOW, "slip", NOW)
    fix(session, dossier, NOW, "slip", NOW)
    edition = kept(session, dossier)
    assert edition is not None
    assert edition.version == "p1"
