"""The token of a Viettel Post account: a short one for the password, a long one for the short one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from carriers.credentials import Fetched, RenewedCredential
from carriers.exchange import Call
from carriers.outcomes import Rejected, Unauthorized
from carriers.transport import NoCredentials, Transport
from carriers.viettelpost.answers import read_token

HEADER = "Token"


class OwnerToken(RenewedCredential):
    """The long token, used until it is refused: it is good for a year or more."""

    def __init__(self, transport: Transport, login: Call, connect: Call, monotonic: Callable[[], float]) -> None:
        super().__init__(monotonic)
        self._transport = transport
        self._login = login
        self._connect = connect

    def fetch(self, deadline: float) -> Fetched:
        short = self._ask(self._login, deadline)
        long = self._ask(replace(self._connect, headers={HEADER: short}), deadline)
        return Fetched({HEADER: long})

    def _ask(self, call: Call, deadline: float) -> str:
        try:
            answer = self._transport.read(call, NoCredentials(), operation="token", deadline=deadline)
        except (Rejected, Unauthorized) as error:
            raise Unauthorized(
                "Viettel Post refuses our login; correct username and password in the account's secrets.",
                code=error.code,
                operator_words=error.operator_words,
            ) from error
        return read_token(answer.body)
