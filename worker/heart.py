"""The sign of life to the outside: while worker and beat are alive, somebody who is not us hears so every minute.

Nobody inside can raise an alarm when everything stands still, or when the machine is gone; a service that expects a
call and misses it can. Any that takes a GET will do (in the manner of healthchecks.io).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import httpx
import structlog

from config.settings import Settings

_EVERY = 60.0
_PATIENCE = 5.0

log = structlog.get_logger()


class Heart:
    """The body of the heartbeat job. That it ran is written down like the run of any other job."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._called_at = -_EVERY

    def beat(self, settings: Settings) -> int:
        """Tell the outside that we are alive, if that is wanted and due. Makes no work for anybody."""
        url = settings.deadman_url.get_secret_value()
        if url and self._is_due():
            _call(url)
        return 0

    def _is_due(self) -> bool:
        now = self._monotonic()
        with self._lock:
            if now - self._called_at < _EVERY:
                return False
            self._called_at = now
            return True


def _call(url: str) -> None:
    """The address stays out of the log: whoever knows it can say that we are alive."""
    try:
        httpx.get(url, timeout=_PATIENCE, trust_env=False).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        log.warning("deadman_not_told", reason=type(error).__name__)
