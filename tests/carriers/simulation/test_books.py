"""An operator's books in one file, of which several processes may hold a copy at once, as in the crash tests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from carriers.simulation import Books

ORDERS = 30


def test_no_two_orders_get_one_item_code_whoever_enters_them(tmp_path: Path) -> None:
    clerks = [Books(tmp_path / "books.db") for _ in range(3)]

    def enter(clerk: int) -> None:
        for number in range(ORDERS):
            clerks[clerk].create("C14", f"{clerk}-{number}", None, {})

    with ThreadPoolExecutor(len(clerks)) as desks:
        list(desks.map(enter, range(len(clerks))))
    codes = list(chain.from_iterable(order["item_codes"] for order in clerks[0].summary()))
    assert len(set(codes)) == len(codes) == len(clerks) * ORDERS
    for books in clerks:
        books.close()
