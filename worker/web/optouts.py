"""The citizen's page behind the link in a letter: a look changes nothing, and one click stops the letters (RFC 8058).

Mail programs and their scanners open links by themselves, so only ``POST`` counts: from the page's button, or from the
mail program's own, which sends ``List-Unsubscribe=One-Click``. Both say all there is to say; the body is not read.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, select_autoescape

from dispatch.channels import optout
from dispatch.channels.addresses import mask_email
from dispatch.channels.optout_link import PATH, BadLinkError, ExpiredLinkError, address_of
from worker.web.deps import RuntimeDep

router = APIRouter(prefix=PATH, include_in_schema=False)

_pages = Environment(loader=PackageLoader("worker.web", "templates"), autoescape=select_autoescape())

# The link opens what it is for without a log-in: it is kept nowhere, told to nobody, and runs nothing.
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}
_BY = "người nhận thư, qua liên kết trong thư"


@router.get("/{token}")
def ask(token: str, runtime: RuntimeDep) -> HTMLResponse:
    """Ask whether the letters are to stop."""
    return _answered(token, runtime, stop=False)


@router.post("/{token}")
def stop(token: str, runtime: RuntimeDep) -> HTMLResponse:
    """Stop the letters; a second click changes nothing."""
    return _answered(token, runtime, stop=True)


def _answered(token: str, runtime: RuntimeDep, *, stop: bool) -> HTMLResponse:
    now = runtime.context.clock.now()
    try:
        address = address_of(token, now)
    except ExpiredLinkError:
        return _page(runtime, "expired", 410)
    except BadLinkError:
        return _page(runtime, "wrong", 404)
    if stop:
        with runtime.context.database.write() as session:
            optout.add(session, address, _BY, now)
    return _page(runtime, "done" if stop else "ask", 200, masked=mask_email(address))


def _page(runtime: RuntimeDep, what: str, status: int, masked: str = "") -> HTMLResponse:
    channels = runtime.context.accounts.citizen_channels
    contact = channels.contact if channels is not None else ""
    text = _pages.get_template("optout.html").render(what=what, address=masked, contact=contact)
    return HTMLResponse(text, status, headers=_HEADERS)
