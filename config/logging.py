"""Structured logs, with personal data and secrets taken out before anything is written."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

CACHE_LOGGERS = True
"""Whether a logger is put together once and for all. Tests, which look into the log of their own process, say no."""

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
_DIGEST_KEYS = frozenset({"checkpoint"})
"""Hexadecimal of ours, to be compared sign by sign; one in ten has a row of digits as long as a telephone number."""
_SECRET_ENDINGS = ("_token", "_secret", "_password")
_DIGITS = re.compile(r"(?<!\d)(\+84[ .-]?|84|0)\d{9,10}(?!\d)|(?<!\d)\d{12}(?!\d)")
_IN_GROUPS = re.compile(r"(?<!\d)(?:\+?84[ .-]?|0)([235789]\d{0,3}([ .-])\d{2,7}(?:\2\d{2,7})*)(?!\d)")
"""Digits in groups that may be a telephone number: :func:`_hide_number` tells by how many there are."""
_IN_ADDRESSES = re.compile(r"(?i)([?&][\w-]*(?:token|secret|password)=)[^&\s\"'<>]+")
_ENDS_OF_WEBHOOKS = re.compile(r"(/webhooks/[^/\s]+/[^/\s]+/)[^\s\"'<>?]+")
_OF_A_NAME = r"[\w.!#$%&'*+/=?^`{|}~-]"
_EMAILS = re.compile(rf"(?<!{_OF_A_NAME}){_OF_A_NAME}++(?<!celery)@[\w-]+(?:\.[\w-]+)+")
"""E-mail addresses; the names of Celery's workers look like them and are not meant. Each sign is looked at once."""
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
        # What is below the level costs one call that does nothing: a line for every delivery adds up.
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=CACHE_LOGGERS,
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
    """Replace values of telling keys, and anywhere else what looks like a phone or identity number or a secret."""
    for key, value in event.items():
        event[key] = _redacted(key, value)
    return event


def _redacted(key: str, value: Any) -> Any:
    if key.lower() in _SECRET_KEYS or key.lower().endswith(_SECRET_ENDINGS):
        return "(redacted)"
    if key in _DIGEST_KEYS:
        return value
    if isinstance(value, Mapping):
        return {inner: _redacted(str(inner), kept) for inner, kept in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(key, one) for one in value]
    return cleaned(value) if isinstance(value, str) else value


def cleaned(text: str) -> str:
    """Return a text without what looks like a phone or identity number, an e-mail address or a secret."""
    text = _IN_ADDRESSES.sub(r"\1(redacted)", text)
    text = _EMAILS.sub("(e-mail)", _ENDS_OF_WEBHOOKS.sub(r"\1(redacted)", text))
    return _IN_GROUPS.sub(_hide_number, _DIGITS.sub("(number)", text))


def _hide_number(found: re.Match[str]) -> str:
    """Behind the 0 or +84 a telephone number has nine or ten digits; a date or an amount has other numbers of them."""
    return "(number)" if sum(map(str.isdigit, found[1])) in (9, 10) else found[0]
