"""The token of a Viettel Post account: a short one for the password, a long one for the short one."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from carriers.exchange import Call
from carriers.outcomes import Rejected, Unauthorized
from carriers.transport import NoCredentials, Transport
from carriers.viettelpost.answers import read_token

HEADER = "Token"


class OwnerToken:
    """The long token, used until it is refused: it is good for a year or more. Many threads may ask; one fetches."""

    def __init__(self, transport: Transport, login: Call, connect: Call) -> None:
        self._transport = transport
        self._login = login
        self._connect = connect
        self._lock = threading.Lock()
        self._headers: Mapping[str, str] | None = None

    def headers(self, deadline: float) -> Mapping[str, str]:
        with self._lock:
            if self._headers is None:
                short = self._ask(self._login, deadline)
                long = self._ask(replace(self._connect, headers={HEADER: short}), deadline)
                self._headers = {HEADER: long}
            return self._headers

    def discard(self, refused: Mapping[str, str]) -> bool:
        with self._lock:
            # Another thread may have renewed it meanwhile: then the new one is kept and used.
            if self._headers == refused:
                self._headers = None
        return True

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
