"""Who is calling: bearer tokens of the API clients in the configuration file."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request

from dispatch.problems import Problem
from worker.web.deps import RuntimeDep


def api_client(request: Request, runtime: RuntimeDep) -> str:
    """Return the name of the client whose token was sent.

    Raises:
        Problem: no token, or one that nobody has.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    for client in runtime.context.accounts.api_clients:
        known = client.token.get_secret_value()
        if scheme.lower() == "bearer" and hmac.compare_digest(token.encode(), known.encode()):
            return client.name
    raise Problem(
        "unauthorised",
        "The token was not accepted",
        "The request carries no bearer token of a configured API client.",
        "Send 'Authorization: Bearer <token>' with a token from [[api_clients]] in the configuration file.",
        next_step_vi="Gửi kèm mã truy cập hợp lệ do bộ phận vận hành cấp.",
        status=401,
    )


ClientDep = Annotated[str, Depends(api_client)]
