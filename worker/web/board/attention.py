"""What needs a hand now: the board's first page, and the part of it that a script renews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.batch import batched
from dispatch import custody
from dispatch.dossiers import Dossier, preloaded
from tracking.watching.items import IN_DOUBT, Attention
from tracking.watching.kinds import Kind, kinds
from worker.access.actor import Staff
from worker.runtime import Runtime
from worker.web.board.buttons import Button, buttons
from worker.web.board.entry import AttentionStaff, LookoutDep, OnlookerDep, operators_called, page, with_query
from worker.web.board.lookout import Seen, digest
from worker.web.deps import RuntimeDep

router = APIRouter(prefix="/board", include_in_schema=False)

ON_ONE_PAGE = 25
BULK = frozenset({"message-undelivered", *IN_DOUBT})
"""Kinds of which several can be settled at once."""

KindQuery = Annotated[str, Query(max_length=60)]
AgencyQuery = Annotated[str, Query(max_length=60)]
PageQuery = Annotated[int, Query(alias="page", ge=1, le=100_000)]


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has papers of a dossier; ``name`` is a word of the board, an agency's or an operator's name."""

    holder: str
    name: str
    papers: int


@dataclass(frozen=True, slots=True)
class Row:
    """One trouble as the list shows it."""

    item: Attention
    kind: Kind
    lasts: timedelta
    holders: Sequence[Holder]
    buttons: Sequence[Button]

    @property
    def ticks(self) -> bool:
        """Whether it can be chosen, to be settled together with others."""
        return self.kind.name in BULK


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list, and what the filters offer."""

    rows: Sequence[Row]
    total: int
    number: int
    pages: int
    by_kind: Sequence[tuple[Kind, int]]
    by_urgency: Counter[str]
    version: str
    kind: str
    agency: str


@router.get("")
def attention(
    request: Request,
    staff: AttentionStaff,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    kind: KindQuery = "",
    agency: AgencyQuery = "",
    number: PageQuery = 1,
) -> HTMLResponse:
    """Everything that needs a hand and that this person may see."""
    return _page(request, staff, runtime, lookout.look(), "attention.html", (kind, agency, number))


@router.get("/list")
def attention_list(
    request: Request,
    staff: OnlookerDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    kind: KindQuery = "",
    agency: AgencyQuery = "",
    number: PageQuery = 1,
) -> HTMLResponse:
    """The list alone, for the script that renews it on a page that is open."""
    return _page(request, staff, runtime, lookout.look(), "attention_list.html", (kind, agency, number))


def _page(
    request: Request, staff: Staff, runtime: Runtime, seen: Seen, template: str, asked: tuple[str, str, int]
) -> HTMLResponse:
    now = runtime.context.clock.now()
    with runtime.context.database.read() as session:
        listed = _listed(session, seen, staff, now, *asked)
        is_new = not listed.total and session.scalar(select(Dossier.code).limit(1)) is None
    return page(
        request,
        staff,
        template,
        here="attention",
        listed=listed,
        is_new=is_new,
        now=now,
        agencies={code: name for code, name in sorted(seen.names.items()) if staff.agencies.covers(code)},
        link=partial(with_query, request),
    )


def _listed(session: Session, seen: Seen, staff: Staff, now: datetime, kind: str, agency: str, number: int) -> Listed:
    everything = seen.of(staff)
    mine = [one for one in everything if not agency or seen.agencies.get(one.dossier or "") == agency]
    counts = Counter(one.kind for one in mine)
    chosen = [one for one in mine if not kind or one.kind == kind]
    pages = max(1, -(-len(chosen) // ON_ONE_PAGE))
    number = min(number, pages)
    shown = chosen[(number - 1) * ON_ONE_PAGE : number * ON_ONE_PAGE]
    holders = holders_of(session, {one.dossier for one in shown if one.dossier is not None})
    known = kinds()
    rows = [
        Row(
            item=one,
            kind=known[one.kind],
            lasts=max(now - one.since, timedelta(0)),
            holders=holders.get(one.dossier or "", ()),
            buttons=buttons(one, seen.agencies.get(one.dossier or ""), staff),
        )
        for one in shown
    ]
    return Listed(
        rows=rows,
        total=len(chosen),
        number=number,
        pages=pages,
        by_kind=[(known[name], count) for name, count in counts.most_common()],
        by_urgency=Counter(known[one.kind].urgency.value for one in chosen),
        version=digest(everything),
        kind=kind,
        agency=agency,
    )


def holders_of(session: Session, codes: Collection[str]) -> dict[str, list[Holder]]:
    """Return who has papers of each dossier now, whoever has most of them first."""
    with batched(session, {Dossier: codes}), preloaded(session, codes):
        held = {code: Counter(one.holder for one in custody.holdings(session, code)) for code in codes}
        agencies = {code: session.get_one(Dossier, code) for code in codes}
        called = operators_called(name for counts in held.values() for name in operators_in(counts))
        return {
            code: [Holder(holder, name_of(holder, agencies[code], called), n) for holder, n in counts.most_common()]
            for code, counts in held.items()
        }


def operators_in(holders: Iterable[str]) -> list[str]:
    """Return the operators among holders."""
    return [holder.partition(":")[2] for holder in holders if holder.startswith("post:")]


def name_of(holder: str, dossier: Dossier, called: Mapping[str, str]) -> str:
    """Return what a holder is called; ``called`` has the names of operators."""
    if holder == custody.agency(dossier.agency_code):
        return dossier.agency_name
    kind, _, name = holder.partition(":")
    return called.get(name, name) if kind == "post" else name or kind
