"""The door to the portal: one request, one JSON object, or a :class:`OneStopError` that says what came instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from carriers.exchange import MalformedAnswerError, decode, retry_after
from carriers.time_limit import TimedTransport
from dispatch.onestop.contract import OneStopError
from dispatch.onestop.dvcqg.settings import Portal

NOTHING: Mapping[str, str] = {}


class Wire:
    """Thread-safe. Whoever sends several requests for one purpose sets :func:`carriers.time_limit.at_most` around them.

    Args:
        network: what carries the requests, None for the real network.
    """

    def __init__(self, portal: Portal, network: httpx.BaseTransport | None) -> None:
        self._longest = portal.max_response_bytes
        self._client = httpx.Client(
            transport=network or TimedTransport(portal.tls()),
            timeout=httpx.Timeout(portal.read_timeout, connect=portal.connect_timeout),
            follow_redirects=False,
            trust_env=False,
        )

    def post(
        self, url: str, body: Any, *, headers: Mapping[str, str] = NOTHING, params: Mapping[str, str] = NOTHING
    ) -> dict[str, Any]:
        """Send ``body`` as JSON and return the object that is answered.

        Raises:
            OneStopError: there was no answer, an error, a page, or anything else that is no JSON object. Its ``status``
                is None unless the portal has answered with an error of HTTP.
        """
        request = self._client.build_request("POST", url, json=body, headers=dict(headers), params=dict(params) or None)
        try:
            response = self._client.send(request, stream=True)
            try:
                answer = decode(response, self._content(response))
            finally:
                response.close()
        except (httpx.TransportError, httpx.DecodingError, MalformedAnswerError) as problem:
            raise OneStopError(f"Cổng DVCQG did not answer ({type(problem).__name__}: {problem})") from problem
        if answer.status >= 300:
            raise OneStopError(
                f"Cổng DVCQG answered HTTP {answer.status}",
                status=answer.status,
                retry_after=retry_after(answer.headers),
            )
        if not isinstance(answer.body, dict):
            kind = response.headers.get("content-type", "no content type").split(";")[0]
            raise OneStopError(f"Cổng DVCQG answered HTTP {answer.status} with no JSON object ({kind})")
        return answer.body

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _content(self, response: httpx.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > self._longest:
                raise MalformedAnswerError(f"the answer is longer than {self._longest} bytes")
        return bytes(content)
