"""Nothing is allowed that no grant allows: for any roles, agencies and questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from config.database import Database
from dispatch.dossiers import Dossier, put_dossier
from dispatch.forms import DossierForm
from tests.support.desk import MONDAY, dossier_body
from tests.support.schema import empty_database
from worker.access.filters import within
from worker.access.roles import (
    EVERYWHERE,
    Grant,
    Permission,
    Role,
    Scope,
    may,
    permissions_of,
    read_grants,
    scope_of,
    written_grants,
)

codes = st.sampled_from(["H14", "H14.1", "H14.10", "H14.10.3", "H140", "h14", "H", "H1", "H15.2", "H14-10"])
scopes = st.one_of(st.just(Scope(everywhere=True)), st.frozensets(codes, max_size=3).map(Scope.of))
grants = st.lists(st.builds(Grant, st.sampled_from(Role), scopes), max_size=4).map(tuple)


def lies_below(agency: str, code: str) -> bool:
    """Compare the parts between the dots one by one, which is another way than the code's."""
    return agency.split(".")[: len(code.split("."))] == code.split(".")


@given(grants, st.sampled_from(Permission), codes)
def test_what_is_allowed_is_exactly_what_some_grant_allows(
    held: tuple[Grant, ...], permission: Permission, agency: str
) -> None:
    allowed = any(
        permission in permissions_of(grant.role)
        and (grant.scope.everywhere or any(lies_below(agency, code) for code in grant.scope.codes))
        for grant in held
    )
    assert may(held, permission, agency) is allowed


@given(grants, st.sampled_from(Permission))
def test_an_empty_scope_means_nowhere(held: tuple[Grant, ...], permission: Permission) -> None:
    anywhere = any(permission in permissions_of(grant.role) and grant.scope for grant in held)
    assert bool(scope_of(held, permission)) is bool(anywhere)


@given(grants)
def test_grants_are_the_same_after_they_were_stored(held: tuple[Grant, ...]) -> None:
    assert read_grants(written_grants(held)) == held


def test_a_parent_covers_its_offices_and_not_its_neighbour() -> None:
    scope = Scope.of(["H14"])
    assert scope.covers("H14")
    assert scope.covers("H14.10")
    assert not scope.covers("H140")
    assert not scope.covers("H1")
    assert not Scope.of(["H14.10"]).covers("H14")


@pytest.mark.parametrize("code", ["", " ", "H14 .10", "../H14", "'", "**", "H14%", "Hà"])
def test_what_is_no_agency_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="is no agency code"):
        Scope.of([code])


def test_an_auditor_sees_how_things_went_and_not_whom_they_concern() -> None:
    assert Permission.READ_AUDIT in permissions_of(Role.AUDITOR)
    assert Permission.READ_PERSONAL_DATA not in permissions_of(Role.AUDITOR)


def test_only_a_supervisor_lets_others_in() -> None:
    assert [role for role in Role if Permission.MANAGE_STAFF in permissions_of(role)] == [Role.SUPERVISOR]


def test_a_role_that_is_no_more_grants_nothing() -> None:
    assert read_grants([{"role": "king", "agencies": [EVERYWHERE]}]) == ()


def test_a_query_finds_what_the_scope_covers_and_nothing_else(tmp_path: Path) -> None:
    agencies = ["H14", "H14.10", "H14.1", "H140", "h14.10", "H15"]
    database = Database(empty_database(tmp_path / "postal.db"), Fernet.generate_key().decode())
    with database.write() as session:
        for number, agency in enumerate(agencies):
            form = DossierForm.model_validate(dossier_body(agency={"code": agency, "name": "Sở"}))
            put_dossier(session, f"H14-{number}", form, MONDAY)
    with database.read() as session:
        for written in (["H14"], ["H14.1", "H15"], [EVERYWHERE], []):
            scope = Scope.of(written)
            found = session.scalars(select(Dossier.agency_code).where(within(Dossier.agency_code, scope)))
            assert sorted(found) == sorted(agency for agency in agencies if scope.covers(agency))
    database.dispose()
