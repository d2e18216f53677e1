"""From a template to an answer: language, layout, and the headers that every page carries."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from dispatch.problems import Problem
from worker.web.pages.assets import address
from worker.web.pages.formats import Formats
from worker.web.pages.languages import COOKIE, PARAMETER, Language, chosen_now, language_of, translations

_YEAR = 365 * 24 * 3600

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}
"""A page runs nothing but our own files, is shown in nobody's frame, and is kept in no cache: it names people."""

PREFIXES = ("/board", "/tra-cuu")
"""Where people are answered with pages, and so with problems as pages."""


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=PackageLoader("worker.web", "templates"),
        autoescape=select_autoescape(),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= Formats(language).filters()
    environment.globals |= {"asset": address, "language": language}
    return environment


def say(request: Request) -> Callable[[str], str]:
    """Return what translates a message into the reader's language, for words that are chosen in Python."""
    return translations(language_of(request)).gettext


def render(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Fill a template of ``worker/web/templates``; which also knows ``request`` and ``language``."""
    language = language_of(request)
    text = (
        _environment(language)
        .get_template(template)
        .render(request=request, other_language=_in_other_language(request, language), **values)
    )
    response = HTMLResponse(text, status, headers=HEADERS)
    if chosen_now(request):
        response.set_cookie(COOKIE, language, max_age=_YEAR, samesite="lax", httponly=True)
    return response


def is_page(request: Request) -> bool:
    """Whether whoever called wants to read the answer, and not a program."""
    path = request.url.path
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in PREFIXES)


def problem_page(request: Request, problem: Problem) -> HTMLResponse:
    """Say a problem to a person, with the next step in the reader's language."""
    board, citizen = PREFIXES
    home = board if request.url.path.startswith(board) else citizen
    return render(request, "problem.html", problem.status, problem=problem, home=home)


def _in_other_language(request: Request, language: Language) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != PARAMETER]
    return f"?{urlencode([*kept, (PARAMETER, language.other)])}"
