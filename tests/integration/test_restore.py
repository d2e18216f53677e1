"""A backup of a system at work is put back, and the system goes on from there.

The operators and the one-stop know more by then than we do. What we had not written down yet happens again under the
same numbers and ids, so nobody gets anything twice: an order that the operator has is adopted, a callback is repeated.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from config.database import Database
from config.settings import Settings
from dispatch.shipments import Shipment
from tests.support.desk import MONDAY, TestDesk, dossier_body, opened_desk, order_body
from tests.support.rooms import own_database
from tests.support.services import Server, libpq_url
from tests.support.town import Town, opened_town, postal, ready, settled, wait_for
from worker import migrate
from worker.backup import back_up, put_back

KEY = Fernet.generate_key().decode()
PHOTO = b"\xff\xd8\xff\xe0" + b"a photo of the torn package" * 40
TOOLS = [name for name in ("pg_dump", "pg_restore") if shutil.which(name) is None]


@pytest.fixture
def desk(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestDesk]:
    """A desk on PostgreSQL whose data key the test knows."""
    monkeypatch.setattr(Fernet, "generate_key", lambda: KEY.encode())
    with own_database(Server(postgres_url, named=False)) as url, opened_desk(tmp_path, url) as desk:
        yield desk


def code(number: int) -> str:
    return f"H14.10-260302-{number:04}"


def dump(desk: TestDesk, target: Path) -> None:
    url = libpq_url(desk.context.database.engine.url.render_as_string(hide_password=False))
    subprocess.run(["pg_dump", "--format=custom", f"--file={target}", url], check=True, timeout=60)


def restore(source: Path, url: str) -> None:
    command = ["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={libpq_url(url)}", str(source)]
    subprocess.run(command, check=True, timeout=60)


def told(desk: TestDesk) -> set[str]:
    return {one.webhook_id for one in desk.onestop.deliveries.received("callbacks")}


def journeys(desk: TestDesk) -> dict[str, str]:
    with desk.read() as session:
        return {one.order_number: one.state for one in session.query(Shipment)}


@pytest.mark.skipif(bool(TOOLS), reason=f"not installed here: {', '.join(TOOLS)}")
def test_a_postgresql_backup_put_back_books_nothing_twice_and_tells_nothing_under_another_id(
    desk: TestDesk, postgres_url: str, tmp_path: Path
) -> None:
    for number in (1, 2):
        desk.register(code(number))
    (booked,) = desk.order("send", dossier=code(1))
    desk.work()
    (placed,) = desk.order("send", dossier=code(2))
    dump(desk, tmp_path / "desk.dump")

    desk.work()
    desk.register(code(3))
    (lost,) = desk.order("send", dossier=code(3))
    for moved in (booked, placed):
        desk.report(moved, 2, MONDAY + timedelta(minutes=5))
    desk.poll()
    before, states = told(desk), journeys(desk)
    assert states == {booked: "in_transit", placed: "in_transit", lost: "booked"}

    with own_database(Server(postgres_url, named=False)) as url:
        restore(tmp_path / "desk.dump", url)
        old, database = desk.context, Database(url, KEY)
        desk.context = replace(old, database=database)
        migrate.require_current(database)
        assert journeys(desk) == {booked: "booked", placed: "requested"}, "the state of the time of the backup"
        desk.runtime.prepare()
        desk.register(code(3))  # the one-stop sends again what it sent since the backup, as it was
        assert desk.order("send", dossier=code(3)) == [lost]
        desk.poll()
        desk.poll()
        assert journeys(desk) == states
        assert told(desk) == before
        assert {one["order_number"]: (one["created"], one["live"]) for one in desk.operator.orders()} == dict.fromkeys(
            (booked, placed, lost), (1, 1)
        )
        database.dispose()
        desk.context = old


def told_ids(town: Town, kind: str = "") -> set[str]:
    """Return the ids under which the one-stop has been told of something."""
    received = town.onestop.deliveries.received("callbacks")
    return {one.webhook_id for one in received if kind in ("", one.type)}


def place(caller: httpx.Client, number: int) -> None:
    dossier = code(number)
    assert caller.put(f"/v1/dossiers/{dossier}", json=dossier_body()).status_code in (200, 201)
    key = {"Idempotency-Key": f"order-of-{number}"}
    assert caller.post("/v1/orders", json=order_body("send", dossier=dossier), headers=key).status_code in (200, 201)


def photographed(caller: httpx.Client, dossier: str) -> str:
    """Report an incident with a photo; returns where the photo is read back."""
    report = {"report_id": "torn", "dossier": dossier, "kind": "torn", "what": "bì rách", "by": "Nông Văn Páo"}
    opened = caller.post("/v1/incidents", json={**report, "at": MONDAY.isoformat()})
    assert opened.status_code == 201, opened.text
    files = f"/v1/incidents/{opened.json()['id']}/evidence"
    said = {"at": MONDAY.isoformat(), "by": "Nông Thị Hoa", "shows": "damage"}
    kept = caller.post(files, params=said, content=PHOTO, headers={"Content-Type": "image/jpeg"})
    assert kept.status_code == 201, kept.text
    return f"{files}/{kept.json()['sha256']}"


def test_an_embedded_backup_taken_under_work_is_whole_and_the_system_goes_on_from_it(tmp_path: Path) -> None:
    quick = {"POSTAL_SWEEP_SECONDS": "0.2"}
    with opened_town(tmp_path / "town") as town:
        copy = town.home / "copy.db"
        with postal(town, "up", "--bare", **quick) as system, town.caller() as caller:
            wait_for("the system to be ready", lambda: ready(town, system))
            enough = threading.Event()
            writer = threading.Thread(target=_place_until, args=(caller, enough))
            writer.start()
            wait_for("some orders to be booked", lambda: len(town.live_orders()) >= 3)
            photo = photographed(caller, code(1))
            assert back_up(Settings(home=town.home), copy).files == 1
            enough.set()
            writer.join()
            wait_for("all to be booked and told", lambda: settled(town) and _all_told(town))
        orders, before = town.live_orders(), told_ids(town)
        assert 3 <= _whole(copy) < len(orders), "the backup was taken in the middle"

        (town.home / "postal.db").unlink()
        shutil.rmtree(town.home / "evidence")
        assert put_back(Settings(home=town.home), copy).damaged == {}
        with postal(town, "up", "--bare", **quick) as system, town.caller() as caller:
            wait_for("the system to be ready again", lambda: ready(town, system))
            for number in range(1, len(orders) + 1):  # the one-stop sends again what it has sent, under the same keys
                place(caller, number)
            wait_for("all to be booked and told again", lambda: settled(town) and _booked(town, len(orders)))
            assert caller.get(photo).content == PHOTO
        assert town.live_orders() == orders == dict.fromkeys(orders, 1)
        assert all(one["created"] == 1 for one in town.operator.orders())
        # What the feed brought only now is news; everything else is told under the id that it had.
        assert told_ids(town) >= before
        assert told_ids(town, "postal.order_booked") == {one for one in before if ":postal.order_booked:" in one}


def _place_until(caller: httpx.Client, enough: threading.Event) -> None:
    number = 0
    while not enough.is_set():
        number += 1
        place(caller, number)


def _all_told(town: Town) -> bool:
    return town.told().get("postal.order_booked") == len(town.live_orders())


def _booked(town: Town, wanted: int) -> bool:
    with sqlite3.connect(f"file:{town.home / 'postal.db'}?mode=ro", uri=True) as database:
        (count,) = database.execute("SELECT count(*) FROM shipment WHERE state = 'booked'").fetchone()
    database.close()
    return bool(count == wanted)


def _whole(copy: Path) -> int:
    """Check a copy by the database's own means; returns how many shipments are in it."""
    with sqlite3.connect(copy) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        (count,) = database.execute("SELECT count(*) FROM shipment").fetchone()
    database.close()
    return int(count)
