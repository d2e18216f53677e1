"""A citizen at the pages of a desk: what he types, which form he sends, and what his telephone shows."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
from sqlalchemy import select

from dispatch.channels.ways import ASKED
from dispatch.outbox import OutboxMessage
from tests.support.desk import TestDesk

PHONE_DIGITS = "3275"
"""The last four of the telephone of :func:`tests.support.desk.dossier_body`."""

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_TAGS = re.compile(r"<[^>]+>")


@dataclass
class Citizen:
    """Somebody with a browser."""

    desk: TestDesk
    browser: httpx.Client

    def look_up(self, code: str) -> httpx.Response:
        return self.browser.post("/tra-cuu", data={"code": code})

    def ask_for_code(self, digits: str = PHONE_DIGITS) -> httpx.Response:
        return self.browser.post("/tra-cuu/xac-thuc", data={"digits": digits})

    def enter(self, otp: str) -> httpx.Response:
        return self.browser.post("/tra-cuu/ma-xac-thuc", data={"code": otp})

    def open(self, code: str) -> httpx.Response:
        """Open a dossier by telephone and one-time code."""
        self.look_up(code)
        self.ask_for_code()
        page = self.enter(codes_sent(self.desk, code)[-1])
        assert page.url.path == "/tra-cuu/ho-so", page.text
        return page

    def page(self, name: str = "") -> httpx.Response:
        """Return a page of the dossier that is open."""
        return self.browser.get(f"/tra-cuu/ho-so/{name}".rstrip("/"))

    def send(self, name: str, fields: dict[str, Any], page: httpx.Response | None = None) -> httpx.Response:
        """Send a form of a page, by itself of the page as it is opened now, with all that it carries unseen."""
        shown = page or self.page(name)
        return self.browser.post(f"/tra-cuu/ho-so/{name}", data={**hidden(shown), **fields})


def hidden(page: httpx.Response) -> dict[str, Any]:
    """Return what the first form of a page carries unseen."""
    form = page.text.split("<form", 2)[1].split("</form>")[0]
    found: dict[str, Any] = {}
    for name, value in _HIDDEN.findall(form):
        found[name] = unescape(value) if name != "orders" else [*found.get(name, []), value]
    return found


def said(page: httpx.Response) -> str:
    """Return the text of a page."""
    return " ".join(unescape(_TAGS.sub(" ", "<main" + page.text.split("<main", 1)[1])).split())


def codes_sent(desk: TestDesk, code: str) -> list[str]:
    """Return the one-time codes that were owed to the applicant of a dossier, the latest last."""
    with desk.read() as session:
        query = select(OutboxMessage).where(OutboxMessage.type == ASKED).order_by(OutboxMessage.written)
        events = [json.loads(message.payload) for message in session.scalars(query)]
    return [
        digits[0]
        for event in events
        if event["subject"] == code and (digits := re.findall(r"\b\d{6}\b", event["data"]["sms_vi"]))
    ]
