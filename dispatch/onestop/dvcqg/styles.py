"""The three ways in which systems in the field speak to the portal: session adapter, LGSP, gateway."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from dispatch.onestop.contract import OneStopError
from dispatch.onestop.dvcqg.settings import GatewayPortal, LgspPortal, Portal, SessionPortal
from dispatch.onestop.dvcqg.verdicts import Judged, Manners, Verdict, judge
from dispatch.onestop.dvcqg.wire import Wire

SYNCHRONISE, PROGRESS, LOOK_UP = "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo"

Rows = Sequence[Mapping[str, Any]]
_READ_ATTEMPTS = 3
_WORDY = Manners(success_codes=("0", "3", "-3"), needs_words=True)
"""As the adapters of provinces judge: by the words, beside one of these codes."""


class Style(Protocol):
    """One way. Every call raises :class:`OneStopError` where there was no usable answer."""

    def synchronise(self, rows: Rows, *, updating: bool) -> Judged:
        """Add dossiers, or bring those that are there up to date."""

    def progress(self, rows: Rows) -> Judged:
        """Append to dossiers' histories."""

    def find(self, code: str) -> Mapping[str, Any] | None:
        """Return the portal's copy of a dossier, None where it has none or this way has no means to ask."""


class SessionStyle:
    """Every call carries a session, which is made by a login and made anew, once, when the portal says it is over."""

    def __init__(self, portal: SessionPortal, secrets: Mapping[str, str], wire: Wire) -> None:
        self._portal, self._secrets, self._wire = portal, secrets, wire
        self._manners = Manners(("0",), needs_words=False, sessions=True, expired_codes=portal.expired_codes)
        self._session: str | None = None
        self._lock = threading.Lock()

    def synchronise(self, rows: Rows, *, updating: bool) -> Judged:
        return self._call(SYNCHRONISE, {"isUpdating": "True" if updating else "False", "data": list(rows)})[0]

    def progress(self, rows: Rows) -> Judged:
        return self._call(PROGRESS, {"data": list(rows)})[0]

    def find(self, code: str) -> Mapping[str, Any] | None:
        judged, answer = _patiently()(self._call, LOOK_UP, {"mahoso": code})
        found = answer.get("result")
        if isinstance(found, list):
            return next((one for one in found if isinstance(one, dict) and one.get("MaHoSo") == code), None)
        if judged.verdict in (Verdict.TAKEN, Verdict.MISSING):
            return None
        raise OneStopError(f"Cổng DVCQG does not look dossiers up: {judged.words or judged.code or 'no reason'}")

    def login(self) -> None:
        """Make a new session.

        Raises:
            OneStopError: the portal refused it, or gave no usable answer.
        """
        with self._lock:
            self._session = self._new_session()

    def _call(self, service: str, content: Mapping[str, Any]) -> tuple[Judged, dict[str, Any]]:
        session = self._session_after(None)
        judged, answer = self._send(session, service, content)
        if judged.verdict is not Verdict.EXPIRED:
            return judged, answer
        judged, answer = self._send(self._session_after(session), service, content)
        if judged.verdict is Verdict.EXPIRED:
            raise OneStopError(f"Cổng DVCQG refuses a session that it has just given ({judged.words or judged.code})")
        return judged, answer

    def _send(self, session: str, service: str, content: Mapping[str, Any]) -> tuple[Judged, dict[str, Any]]:
        body = {"session": session, "madonvi": self._portal.madonvi, "service": service, **content}
        answer = self._wire.post(self._portal.service_url, body, headers=self._headers)
        return judge(answer, self._manners), answer

    def _session_after(self, over: str | None) -> str:
        """Return a session that is not ``over``; another thread may have made it already."""
        with self._lock:
            if self._session is None or self._session == over:
                self._session = self._new_session()
            return self._session

    def _new_session(self) -> str:
        names = {"username": self._secrets["username"], "password": self._secrets["password"]}
        answer = _patiently()(self._wire.post, self._portal.login_url, names, headers=self._headers)
        session = answer.get("session")
        if isinstance(session, str) and session and judge(answer, self._manners).verdict is Verdict.TAKEN:
            return session
        words = judge(answer, self._manners).words or "no reason given"
        raise OneStopError(
            f"Cổng DVCQG refuses the login ({words}); correct secrets.username, secrets.password or options.dstcode",
            status=401,
        )

    @property
    def _headers(self) -> dict[str, str]:
        return {"dstcode": self._portal.dstcode}


class LgspStyle:
    """REST behind LGSP: the dossiers are the whole body, the rest stands in the address."""

    def __init__(self, portal: LgspPortal, secrets: Mapping[str, str], wire: Wire) -> None:
        self._portal, self._wire = portal, wire
        self._headers = {"authorization": f"Bearer {secrets['token']}"} if secrets.get("token") else {}

    def synchronise(self, rows: Rows, *, updating: bool) -> Judged:
        return self._post(SYNCHRONISE, rows, {"isUpdating": "True" if updating else "False"})

    def progress(self, rows: Rows) -> Judged:
        return self._post(PROGRESS, rows, {})

    def find(self, code: str) -> Mapping[str, Any] | None:
        return None

    def _post(self, service: str, rows: Rows, more: Mapping[str, str]) -> Judged:
        url = f"{self._portal.base.rstrip('/')}/{service}"
        params = {"MaDinhDanhDV": self._portal.unit, **more}
        return judge(self._wire.post(url, list(rows), headers=self._headers, params=params), _WORDY)


class GatewayStyle:
    """One address for each service, and the dossiers as the whole body."""

    def __init__(self, portal: GatewayPortal, wire: Wire) -> None:
        self._portal, self._wire = portal, wire

    def synchronise(self, rows: Rows, *, updating: bool) -> Judged:
        url = self._portal.update if updating else self._portal.add
        return judge(self._wire.post(url, list(rows)), _WORDY)

    def progress(self, rows: Rows) -> Judged:
        return judge(self._wire.post(self._portal.progress, list(rows)), _WORDY)

    def find(self, code: str) -> Mapping[str, Any] | None:
        return None


def style_of(portal: Portal, secrets: Mapping[str, str], wire: Wire) -> Style:
    """Return the way that the options choose."""
    if isinstance(portal, SessionPortal):
        return SessionStyle(portal, secrets, wire)
    if isinstance(portal, LgspPortal):
        return LgspStyle(portal, secrets, wire)
    return GatewayStyle(portal, wire)


def _patiently() -> Retrying:
    """Return what repeats a question a few times: it changes nothing, so an answer that was lost costs nothing."""
    return Retrying(
        retry=retry_if_exception(_worth_repeating),
        stop=stop_after_attempt(_READ_ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.1, max=2.0),
        reraise=True,
    )


def _worth_repeating(error: BaseException) -> bool:
    return isinstance(error, OneStopError) and (error.status is None or error.status >= 500)
