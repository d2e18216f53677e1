"""The system as the world outside sees it: its HTTP interface, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx


class SystemAwayError(Exception):
    """The system does not answer, or answers that it cannot now; whoever asked tries again."""


class RefusedError(Exception):
    """The system said no, with a problem document."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('title')}: {problem.get('detail')}")
        self.problem = problem


@dataclass(frozen=True)
class Readiness:
    """What ``/readyz`` says of work that is due or in hand, by kind."""

    backlog: dict[str, int]

    @property
    def settled(self) -> bool:
        """Whether nothing is to be done until time moves or somebody acts."""
        return not any(self.backlog.values())


class Client:
    """A caller of the system's HTTP interface with its own bearer token."""

    def __init__(self, base_url: str, token: str, *, timeout: float = 30.0) -> None:
        self._http = httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def readiness(self) -> Readiness:
        """Ask how much there is to do.

        Raises:
            SystemAwayError: it does not answer, or is not ready.
        """
        return Readiness(self._call("GET", "/readyz")["backlog"])

    def get(self, path: str, **query: str) -> Any:
        """Read something.

        Raises:
            SystemAwayError, RefusedError: as their names say.
        """
        return self._call("GET", path, params=query)

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """Send a body that replaces what was there; raises as :meth:`get`."""
        return self._call("PUT", path, json=body)

    def post(self, path: str, body: dict[str, Any], *, key: str | None = None) -> Any:
        """Send a body, under an ``Idempotency-Key`` where one is given; raises as :meth:`get`."""
        return self._call("POST", path, json=body, headers={"Idempotency-Key": key} if key else {})

    def _call(self, method: str, path: str, **how: Any) -> Any:
        try:
            answer = self._http.request(method, path, **how)
        except httpx.TransportError as error:
            raise SystemAwayError(f"{method} {path}: {error!r}") from error
        if answer.status_code >= 500 or answer.status_code == 429:
            raise SystemAwayError(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        if answer.status_code >= 400:
            raise RefusedError(_problem(answer))
        return answer.json()


def dossier_path(code: str, *more: str) -> str:
    """Return the path of a dossier; a code from a file may hold anything."""
    return "/".join(("/v1/dossiers", quote(code, safe=""), *more))


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        document = None
    if isinstance(document, dict):
        return document
    return {
        "title": "Refused without a problem document",
        "status": answer.status_code,
        "detail": answer.text[:300],
    }
