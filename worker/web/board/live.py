"""Tells pages that are open that what they show has changed: by server-sent events, without saying what it is.

A stream holds no connection to the database: now and then it asks the lookout, which looks for everybody at once. It
ends when the server stops or the session is over, and after a quarter of an hour in any case.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from worker.runtime import Runtime
from worker.web.board.entry import LookoutDep, OnlookerDep, onlooker
from worker.web.board.lookout import Lookout, digest
from worker.web.deps import RuntimeDep
from worker.web.endings import ends_within
from worker.web.staff import LogInNeededError

router = APIRouter(prefix="/board", include_in_schema=False)

_EVERY = 4.0
"""Seconds between two looks; what was seen for a colleague meanwhile will do."""

_SILENCE = 5
"""After so many looks without news a comment is sent, by which both sides notice that the other is gone."""

_LOOKS = 225
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}


@router.get("/live")
async def live(request: Request, _staff: OnlookerDep, runtime: RuntimeDep, lookout: LookoutDep) -> StreamingResponse:
    """Send ``changed`` with the newest version whenever the list of what needs a hand has another one."""
    return StreamingResponse(_news(request, runtime, lookout), media_type="text/event-stream", headers=_HEADERS)


async def _news(request: Request, runtime: Runtime, lookout: Lookout) -> AsyncIterator[str]:
    known, silence = "", 0
    yield "retry: 10000\n\n"
    for _ in range(_LOOKS):
        try:
            newest = await asyncio.to_thread(_version, request, runtime, lookout)
        except LogInNeededError:
            return
        if newest != known:
            known, silence = newest, 0
            yield f"event: changed\ndata: {newest}\n\n"
        elif (silence := silence + 1) % _SILENCE == 0:
            yield ": still here\n\n"
        if await ends_within(_EVERY):
            return


def _version(request: Request, runtime: Runtime, lookout: Lookout) -> str:
    return digest(lookout.look(_EVERY).of(onlooker(request, runtime)))
