from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import httpx

from tests.support.desk import TestDesk, dossier_body
from tests.support.web import problem


def padded(desk: TestDesk, *, beyond: int) -> bytes:
    """Return a registration whose body is as large as allowed, and ``beyond`` bytes more."""
    body = json.dumps(dossier_body()).encode()
    limit = desk.context.settings.max_body_bytes
    return body + b" " * (limit + beyond - len(body))


def in_pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 64 * 1024):
        yield body[start : start + 64 * 1024]


def test_a_body_as_large_as_allowed_is_taken(web: httpx.Client, desk: TestDesk, code: str) -> None:
    assert web.put(f"/v1/dossiers/{code}", content=padded(desk, beyond=0)).status_code == 201


def test_a_larger_body_is_refused_and_nothing_is_kept(web: httpx.Client, desk: TestDesk, code: str) -> None:
    answer = web.put(f"/v1/dossiers/{code}", content=padded(desk, beyond=1))
    assert "list of names" in problem(answer, 413, "too-large")["next_step"]
    problem(web.get(f"/v1/dossiers/{code}"), 404, "unknown-dossier")


def test_a_body_that_does_not_tell_its_size_is_measured_while_it_comes(
    web: httpx.Client, desk: TestDesk, code: str
) -> None:
    answer = web.put(f"/v1/dossiers/{code}", content=in_pieces(padded(desk, beyond=1)))
    problem(answer, 413, "too-large")
    problem(web.get(f"/v1/dossiers/{code}"), 404, "unknown-dossier")


def test_a_body_in_pieces_that_is_small_enough_is_put_together(web: httpx.Client, desk: TestDesk, code: str) -> None:
    assert web.put(f"/v1/dossiers/{code}", content=in_pieces(padded(desk, beyond=0))).status_code == 201
    assert web.get(f"/v1/dossiers/{code}").status_code == 200


def test_a_page_answers_at_once_where_nothing_more_of_a_long_body_comes(web: httpx.Client, desk: TestDesk) -> None:
    settings = desk.context.settings
    answer = web.post("/board/login", content=b"x" * (settings.max_body_bytes + 1))
    assert answer.status_code == 413
    assert answer.elapsed < timedelta(seconds=settings.body_seconds / 2)
