"""Structured logs, with personal data and secrets taken out before anything is written."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_SECRET_KEYS = frozenset(
    {
        "authorization",
        "token",
        "secret",
        "password",
        "phone",
        "name",
        "address",
        "id_number",
        "email",
        "body",
        "payload",
    }
)
_DIGITS = re.compile(r"(?<!\d)(\+?84|0)\d{9,10}(?!\d)|(?<!\d)\d{12}(?!\d)")
_NOISY = ("httpx", "httpcore", "amqp", "kombu", "alembic", "celery.beat", "celery.worker.strategy", "celery.app.trace")
"""They log each step at INFO, httpx with whole addresses, in which a token or a path secret may stand."""


def configure_logging(*, json: bool, level: str) -> None:
    """Send this process's logs to standard error, one line each; as JSON where a machine reads them."""
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace values of telling keys, and digits that look like phone or identity numbers anywhere else."""
    for key, value in event.items():
        event[key] = _redacted(key, value)
    return event


def _redacted(key: str, value: Any) -> Any:
    if key.lower() in _SECRET_KEYS:
        return "(redacted)"
    if isinstance(value, Mapping):
        return {inner: _redacted(str(inner), kept) for inner, kept in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(key, one) for one in value]
    return _DIGITS.sub("(number)", value) if isinstance(value, str) else value
