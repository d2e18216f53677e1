"""Who looks after an incident when it is opened. Pure; the choice is data, in ``owners.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from tracking.incidents.facts import IncidentKind


def first_owner(kind: IncidentKind, holder: str, agency: str, account: str | None) -> str:
    """Return the owner of a new incident; ``holder`` is who has the papers, as :mod:`dispatch.custody` names them.

    Where no account is concerned it is the agency's one-stop desk.
    """
    table = _table()
    who = holder.partition(":")[0]
    owner = table.get(kind.value, {}).get(who) or table["default"].get(who) or table["default"]["agency"]
    return owner.format(agency=agency, account=account) if account else f"onestop:{agency}"


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("owners.toml").read_text(encoding="utf-8"))
