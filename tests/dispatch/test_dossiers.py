from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.database import keyring
from dispatch.dossiers import Dossier, PaperKind, add_papers, get_dossier, list_papers, put_dossier
from dispatch.forms import DossierForm
from dispatch.papers import Paper
from dispatch.problems import Problem
from tests.dispatch.people import NOW, refusal, register
from tests.support.desk import CODE, dossier_body


def _put(session: Session, **more: object) -> tuple[Dossier, bool]:
    return put_dossier(session, CODE, DossierForm.model_validate(dossier_body(**more)), NOW)


def _applicant(**more: object) -> dict[str, object]:
    return {**dossier_body()["applicant"], **more}


def test_a_new_dossier_is_registered_with_its_papers_and_a_tidied_applicant(session: Session) -> None:
    dossier, new = _put(session, applicant=_applicant(name="  Bế   Đức  Hiếu ", phone="0919 393 275"))
    assert (new, dossier.revision) == (True, 1)
    assert (dossier.applicant_name, dossier.applicant_phone) == ("Bế Đức Hiếu", "+84919393275")
    papers = [(p.kind, p.name, p.originals, p.copies) for p in list_papers(session, CODE)]
    assert papers == [
        (PaperKind.SUBMITTED, "Tờ khai", 1, 0),
        (PaperKind.SUBMITTED, "Giấy tờ tùy thân", 0, 1),
    ]


def test_a_dossier_is_found_by_the_exact_phone_number_of_its_applicant(session: Session) -> None:
    register(session)
    by_phone = select(Dossier.code).where(Dossier.phone_index == keyring.blind_index("+84919393275"))
    assert list(session.scalars(by_phone)) == [CODE]


def test_the_same_form_again_changes_nothing(session: Session) -> None:
    _put(session)
    session.flush()
    session.expire_all()
    dossier, new = _put(session)
    assert (new, dossier.revision) == (False, 1)


def test_a_new_phone_number_is_a_new_revision_and_moves_the_index(session: Session) -> None:
    _put(session)
    dossier, _ = _put(session, applicant=_applicant(phone="0367828556"))
    assert dossier.revision == 2
    assert dossier.phone_index == keyring.blind_index("+84367828556")


def test_the_list_of_papers_is_fixed_at_the_first_registration(session: Session) -> None:
    _put(session)
    _put(session, papers=[{"name": "Đơn khác", "originals": 3}])
    assert [paper.name for paper in list_papers(session, CODE)] == ["Tờ khai", "Giấy tờ tùy thân"]


def test_a_paper_that_is_listed_already_is_not_listed_twice(session: Session) -> None:
    register(session)
    result = (Paper("Quyết định", 1, 0),)
    assert len(add_papers(session, CODE, PaperKind.RESULT, result)) == 1
    assert add_papers(session, CODE, PaperKind.RESULT, result) == []


@pytest.mark.parametrize(
    ("field", "value"), [("phone", "098765432"), ("phone", "01234567890"), ("name", "123"), ("id_number", "12345")]
)
def test_an_applicant_who_cannot_be_reached_or_named_is_refused(session: Session, field: str, value: str) -> None:
    with pytest.raises(Problem) as problem:
        _put(session, applicant=_applicant(**{field: value}))
    assert refusal(problem) == ("contact", 422)
    assert problem.value.extra["field"] == field
    assert value not in str(problem.value.document())


@pytest.mark.parametrize("papers", [[], [{"name": "Tờ khai"}], [{"name": "Tờ khai", "originals": -1}]])
def test_a_dossier_without_countable_papers_is_refused(session: Session, papers: list[dict[str, object]]) -> None:
    with pytest.raises(Problem) as problem:
        _put(session, papers=papers)
    assert refusal(problem) == ("paper-list", 422)


def test_a_naive_time_of_filing_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        DossierForm.model_validate(dossier_body(filed_at="2026-03-02T07:45:00"))


def test_a_misspelt_field_is_noticed() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        DossierForm.model_validate(dossier_body(fee=25000))


def test_the_time_of_filing_is_kept_as_an_instant(session: Session) -> None:
    register(session)
    session.expire_all()
    assert get_dossier(session, CODE).filed_at == datetime(2026, 3, 2, 0, 45, tzinfo=UTC)


def test_a_dossier_nobody_registered_is_unknown(session: Session) -> None:
    with pytest.raises(Problem) as problem:
        get_dossier(session, CODE)
    assert refusal(problem) == ("unknown-dossier", 404)
