"""The web interface of a desk as its callers see it: over HTTP, with a token or without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx

from tests.support.desk import TOKEN, TestDesk
from tests.support.servers import serve
from worker.web.app import make_web

_KEYS = count(1)


@contextmanager
def visit(desk: TestDesk) -> Iterator[httpx.Client]:
    """Serve the desk's web interface and yield a caller with the one-stop's token."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    with (
        serve(make_web(desk.runtime), lifespan="on") as url,
        httpx.Client(base_url=url, headers=headers, timeout=30.0) as caller,
    ):
        yield caller


def new_key() -> dict[str, str]:
    """Return the header for a request that was never sent before."""
    return {"Idempotency-Key": f"request-{next(_KEYS):06}"}


def problem(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """Check that the answer is a problem document a clerk can act on, and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["type"] == f"urn:onestop-postal:problem:{kind}", document
    assert document["status"] == status
    assert all(document[member] for member in ("title", "detail", "next_step"))
    return document
