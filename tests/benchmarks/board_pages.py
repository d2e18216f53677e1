"""How heavy and how quick the board's pages are with many shipments: ``python -m tests.benchmarks.board_pages``.

An embedded desk on SQLite is filled, served over HTTP, and asked by one logged-in supervisor of all agencies. Of each
page the median of several visits is printed, with the bytes of the page and of what it loads beside it. Where Chromium
is installed it opens two of the pages, each time with an empty cache, and says when it first showed something.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from sqlalchemy import insert

from config.database import Database, keyring
from dispatch.dossiers import Dossier
from dispatch.orders import PostalOrder
from dispatch.shipments import BookingState, Leg, Shipment
from tests.support.board import COOKIE, Colleague, at_the_board, log_in
from tests.support.desk import MONDAY, TestDesk, opened_desk
from tests.support.servers import serve
from tests.support.services import CHROMIUM
from worker.access.roles import Role
from worker.web.app import make_web

_AGENCIES = 40
_CHUNK = 5000
_VISITS = 7
_PAINTED = "performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)"


def fill(desk: TestDesk, shipments: int, troubled: int) -> None:
    """Write dossiers with one shipment each: the last ``troubled`` ones are in doubt; of the others, one of forty of
    each agency is on its way to the desk, and all the rest were delivered and signed for."""
    desk.register("H14.10-250101-00000")
    (number,) = desk.order("send", dossier="H14.10-250101-00000")
    with desk.read() as session:
        shipment = session.get_one(Shipment, number)
        patterns = {
            kind: _row(session.get_one(kind, key))
            for kind, key in ((Dossier, shipment.dossier_code), (PostalOrder, shipment.order_id), (Shipment, number))
        }
    for kind in patterns:
        _write(desk.context.database, kind, list(_rows(kind, patterns[kind], shipments, troubled)))


def _row(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}


def _rows(kind: type, pattern: dict[str, Any], count: int, troubled: int) -> Iterator[dict[str, Any]]:
    for n in range(1, count + 1):
        agency, at = f"H14.{n % _AGENCIES + 10}", MONDAY - timedelta(minutes=count - n)
        code = f"{agency}-{at:%y%m%d}-{n:06}"
        doubtful = n > count - troubled
        if kind is Dossier:
            phone = keyring.blind_index(f"+849{n:08}")
            yield {
                **pattern,
                "code": code,
                "agency_code": agency,
                "agency_name": f"Sở {n % _AGENCIES}",
                "phone_index": phone,
            }
        elif kind is PostalOrder:
            yield {**pattern, "id": f"O{n}", "dossier_code": code, "placed_at": at}
        else:
            booking = BookingState.OUTCOME_UNKNOWN if doubtful else BookingState.BOOKED
            on_its_way = not doubtful and n // _AGENCIES % 40 == 0
            state = booking.value if doubtful else "in_transit" if on_its_way else "delivered"
            yield {
                **pattern,
                "order_number": f"{code}-S1",
                "order_id": f"O{n}",
                "dossier_code": code,
                "leg": Leg.SEND,
                "waybill": None if doubtful else f"EV{n:09}VN",
                "booking": booking,
                "journey": None if doubtful else state,
                "state": state,
                "state_since": at,
                "created_at": at,
                "live": doubtful or on_its_way,
                "unknown_since": at - timedelta(days=1) if doubtful else None,
                "next_at": None,
                "counted_at": None if doubtful or on_its_way else at,
                "collected_at": None if doubtful else at,
                "delivered_at": None if doubtful or on_its_way else at,
                "transit_kept": None if doubtful or on_its_way else n % 10 > 0,
            }


def _write(database: Database, kind: Any, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _CHUNK):
        with database.write() as session:
            session.execute(insert(kind), rows[start : start + _CHUNK])


def measure(who: Colleague, path: str) -> tuple[float, int, int]:
    """Return the median seconds until a page is whole, its bytes, and those of what it loads."""
    took = []
    for _ in range(_VISITS):
        began = time.perf_counter()
        page = who.page(path)
        took.append(time.perf_counter() - began)
    beside = sum(len(who.get(address).content) for address in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page)))
    return statistics.median(took), len(page.encode()), beside


def first_paints(url: str, cookie: str, path: str, chromium: str) -> list[float]:
    """Return, for each of several visits, the milliseconds until the browser first showed something of a page."""
    seen = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(_VISITS):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies([{"name": COOKIE, "value": cookie, "url": url}])
            page = context.new_page()
            page.goto(url + path)
            while not (painted := page.evaluate(_PAINTED)):
                page.wait_for_timeout(10)
            seen.append(painted[0])
            context.close()
        browser.close()
    return seen


def main() -> None:
    """Fill, visit, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--shipments", type=int, default=100_000)
    asked.add_argument("--troubled", type=int, default=10_000)
    sizes = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder, opened_desk(Path(folder)) as desk:
        fill(desk, sizes.shipments, sizes.troubled)
        last = f"H14.{sizes.shipments % _AGENCIES + 10}"
        pages = {
            "/board": "what needs a hand",
            "/board?page=300": "a later page of it",
            "/board/shipments": "the newest shipments",
            "/board/shipments?state=delivered&leg=send": "narrowed by state and way",
            f"/board/shipments?agency={last}": "narrowed by agency",
            "/board/shipments?q=EV000000123VN": "found by waybill",
            f"/board/shipments?phone={keyring.blind_index('+84900000123')}": "found by phone",
            f"/board/handovers?agency={last}": "handovers of one agency",
            "/board/results": "results",
            "/board/operators": "operators",
            "/board/figures": "figures, counted before",
        }
        cookie = log_in(desk, Role.SUPERVISOR, "*")
        with serve(make_web(desk.runtime), lifespan="on") as url, at_the_board(url, cookie) as who:
            for first in ("/board", "/board/figures"):
                began = time.perf_counter()
                who.page(first)
                print(f"{first:50} first visit {1000 * (time.perf_counter() - began):8.0f} ms")
            for path, what in pages.items():
                seconds, weight, beside = measure(who, path)
                print(
                    f"{path[:50]:50} {1000 * seconds:8.1f} ms {weight / 1000:7.1f} kB + {beside / 1000:.1f} kB  {what}"
                )
            chromium = CHROMIUM.locate()
            if chromium is None:
                print(f"No first paint was measured: {CHROMIUM.name} is not here. To measure it: {CHROMIUM.remedy}.")
                return
            for path in ("/board", "/board/shipments"):
                paint = statistics.median(first_paints(url, cookie, path, chromium.url))
                print(f"{path:50} first paint {paint:8.0f} ms")


if __name__ == "__main__":
    main()
