"""How the web interface is served: the quickest loop and parser that are installed, and an end that drains."""

from __future__ import annotations

import gc
from typing import Any

import structlog
import uvicorn

from worker.web.heads import PromptProtocol

_LONGEST_GOODBYE = 10
"""Seconds that requests under way have when the server is told to stop."""

_LONGEST_SILENCE = 60
"""Seconds after which one of several processes that does not answer is replaced. It must outlast the start of one on a
busy machine, or none would ever come up.
"""

_MANNERS: dict[str, Any] = {"http": PromptProtocol, "log_level": "warning", "access_log": False}

log = structlog.get_logger()


def server_of(app: Any, host: str, port: int, *, goodbye: int = _LONGEST_GOODBYE) -> uvicorn.Server:
    """Return the server of an application, not started yet."""
    config = uvicorn.Config(app, host=host, port=port, timeout_graceful_shutdown=goodbye, **_MANNERS)
    config.load()
    loop = getattr(config.get_loop_factory(), "__module__", "asyncio")
    log.info("web_serving", loop=loop, parser=config.http_protocol_class.__name__)
    # What was made to start with stays for good: looking through it for garbage again and again would be in vain.
    gc.collect()
    gc.freeze()
    return uvicorn.Server(config)


def serve_together(factory: str, host: str, port: int, workers: int) -> None:
    """Serve what ``factory`` (``module:function``) makes in several processes, until told to stop."""
    log.info("web_serving_together", workers=workers)
    goodbye = _LONGEST_GOODBYE
    uvicorn.run(
        factory,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        timeout_worker_healthcheck=_LONGEST_SILENCE,
        timeout_graceful_shutdown=goodbye,
        **_MANNERS,
    )
