"""Local staff accounts: added by command, never with a password that is the same twice, never deleted."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.clock import wall_now
from dispatch.problems import Problem
from worker.access import audit, links, sessions
from worker.access.actor import Actor, ActorKind
from worker.access.passwords import check_password, hash_password
from worker.access.roles import STAFF_ROLES, Grant, Grants, written_grants
from worker.access.tables import StaffUser

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_LONGEST_NAME = 100


def actor_of(username: str) -> Actor:
    """Return how the audit trail names the owner of a local account."""
    return Actor(ActorKind.STAFF, username)


def read_username(text: str) -> str:
    """Return a user name in its one form.

    Raises:
        Problem: it cannot be one.
    """
    name = text.strip().lower()
    if not _USERNAME.fullmatch(name):
        raise Problem(
            "username",
            "The user name cannot be used",
            "A user name has 2 to 40 letters a to z, digits, dots, hyphens or underscores.",
            "Write it without accents and spaces, like mai.ht.",
            next_step_vi="Tên đăng nhập gồm 2 đến 40 chữ cái không dấu, chữ số, dấu chấm hoặc gạch nối; ví dụ mai.ht.",
        )
    return name


def read_display_name(text: str) -> str:
    """Return a person's name as pages show it.

    Raises:
        Problem: it is empty, too long, or has letters that cannot be seen.
    """
    name = " ".join(text.split())
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise Problem(
            "display-name",
            "The name cannot be used",
            f"A name has 1 to {_LONGEST_NAME} visible letters.",
            "Write the name as it stands on papers that you sign.",
            next_step_vi="Ghi họ tên như trên văn bản Ông/Bà ký.",
        )
    return name


def add(session: Session, username: str, display_name: str, grants: Grants, by: Actor) -> StaffUser:
    """Add an account that cannot log in until its owner has got a password.

    Raises:
        Problem: a name cannot be used or is taken, or a role is none of people.
    """
    name = read_username(username)
    if session.get(StaffUser, name) is not None:
        raise Problem(
            "username-taken",
            "The user name is taken",
            f"There is an account '{name}' already; accounts are never given to somebody else.",
            "Choose another user name, or change that account with `postal staff roles`.",
            next_step_vi="Chọn tên đăng nhập khác.",
            status=409,
        )
    links.withdraw(session, None)  # there is a first account now, and nobody else becomes the first supervisor
    user = StaffUser(
        username=name,
        display_name=read_display_name(display_name),
        password_hash=None,
        grants=written_grants(_of_people(grants)),
        must_change=False,
        made_at=wall_now(),
        disabled_at=None,
    )
    session.add(user)
    session.flush()
    audit.note(session, by, "staff.add", subject=name, details={"grants": user.grants})
    return user


def get(session: Session, username: str) -> StaffUser:
    """Return an account.

    Raises:
        Problem: there is none of this name.
    """
    user = session.get(StaffUser, username.strip().lower())
    if user is None:
        raise Problem(
            "unknown-staff",
            "Unknown account",
            f"No account is called '{username}'.",
            "`postal staff list` shows those there are.",
            next_step_vi="Kiểm tra lại tên đăng nhập.",
            status=404,
        )
    return user


def listed(session: Session) -> list[StaffUser]:
    """Return every account."""
    return list(session.scalars(select(StaffUser).order_by(StaffUser.username)))


def nobody_yet(session: Session) -> bool:
    """Whether there is no account at all, so that the first one is to be made by a link."""
    return session.scalar(select(func.count()).select_from(StaffUser)) == 0


def set_password(
    session: Session, user: StaffUser, password: str, by: Actor, *, handed_over: bool = False, keep: str | None = None
) -> None:
    """Give an account a password; every session but the one with the digest ``keep`` ends, and links end, too.

    ``handed_over``: somebody else knows it, so that its owner has to choose another one first.

    Raises:
        Problem: it is too easy to guess.
    """
    check_password(user.username, password)
    user.password_hash, user.must_change = hash_password(password), handed_over
    sessions.end_all(session, actor_of(user.username), but_not=keep)
    links.withdraw(session, user.username)
    audit.note(session, by, "staff.password", subject=user.username, details={"handed_over": handed_over})


def set_grants(session: Session, user: StaffUser, grants: Grants, by: Actor) -> None:
    """Give an account other roles; they hold from the next click on.

    Raises:
        Problem: a role is none of people.
    """
    before, user.grants = user.grants, written_grants(_of_people(grants))
    audit.note(session, by, "staff.roles", subject=user.username, details={"before": before, "grants": user.grants})


def set_disabled(session: Session, user: StaffUser, disabled_at: datetime | None, by: Actor) -> None:
    """Close an account from now on, with its sessions and links; or open it again."""
    user.disabled_at = disabled_at
    sessions.end_all(session, actor_of(user.username))
    links.withdraw(session, user.username)
    audit.note(session, by, "staff.disable" if disabled_at else "staff.enable", subject=user.username)


def _of_people(grants: tuple[Grant, ...]) -> Grants:
    wrong = sorted(grant.role for grant in grants if grant.role not in STAFF_ROLES or not grant.scope)
    if wrong or not grants:
        raise Problem(
            "roles",
            "The roles cannot be given",
            f"Each role of a person is one of {', '.join(sorted(STAFF_ROLES))}, and holds for some agency.",
            "Name a role and its agencies, or all of them.",
            next_step_vi="Chọn vai trò và cơ quan áp dụng.",
        )
    return grants
