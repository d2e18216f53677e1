"""Who is calling ``/v1``: API clients of the configuration file, and those of the table by their key or a token."""

from __future__ import annotations

import hmac
from typing import Annotated, Any

from fastapi import Depends, Request

from dispatch.problems import Problem
from worker.access import audit, clients
from worker.access.clients import Client
from worker.access.roles import Scope
from worker.runtime import Runtime
from worker.web import gate
from worker.web.deps import RuntimeDep
from worker.web.doors import DOORS


async def _said(request: Request) -> Any:
    """Return the body where it says what it is about; what cannot be read is refused by the route."""
    door = DOORS.get((request.method, request.scope["route"].path_format))
    if door is None or not (door.body or door.documents) or request.method in ("GET", "HEAD"):
        return None
    try:
        return await request.json()
    except ValueError:
        return None


async def _owed() -> list[audit.Fields]:
    # Not in the thread in which the client is looked up: what is put into its context stays there.
    return audit.owing()


def known_client(
    request: Request,
    runtime: RuntimeDep,
    said: Annotated[Any, Depends(_said)],
    owed: Annotated[list[audit.Fields], Depends(_owed)],
) -> Client:
    """Return the client whose token was sent, if it may do what it asks.

    Raises:
        Problem: no token, one that nobody has, or a request that is not this client's to make.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    client = _whose(runtime, token) if scheme.lower() == "bearer" else None
    if client is None:
        raise Problem(
            "unauthorised",
            "The token was not accepted",
            "The request carries no bearer token of an API client.",
            "Ask operations for a key of this program's own.",
            next_step_vi="Gửi kèm mã truy cập hợp lệ do bộ phận vận hành cấp.",
            next_step_api="Send 'Authorization: Bearer <token>' with a token from [[api_clients]] in the configuration "
            "file, a key from `postal clients add`, or a token from POST /oauth/token.",
            status=401,
        )
    asked = gate.Request(
        request.method, request.scope["route"].path_format, request.path_params, request.query_params, said
    )
    request.state.scope, changes = gate.pass_through(runtime, client, asked)
    owed += changes
    return client


def api_client(client: Annotated[Client, Depends(known_client)]) -> str:
    """Return the name of the client that was let through."""
    return client.name


def scope_of_lists(request: Request, _client: Annotated[Client, Depends(known_client)]) -> Scope:
    """Return the agencies of which the client may see lists."""
    scope: Scope = request.state.scope
    return scope


ClientDep = Annotated[str, Depends(api_client)]
ScopeDep = Annotated[Scope, Depends(scope_of_lists)]


def _whose(runtime: Runtime, token: str) -> Client | None:
    for configured in runtime.context.accounts.api_clients:
        if hmac.compare_digest(token.encode(), configured.token.get_secret_value().encode()):
            return Client(configured.name)
    with runtime.context.database.read() as session:
        return clients.by_bearer(session, token)
