"""What the other system says on RabbitMQ: a row of the inbox before it is acknowledged, whatever breaks meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from dispatch import booking, outbox
from tests.support.desk import CODE, TestDesk, dossier_body, order_body
from tests.support.line import Line, Mood
from tests.support.own_servers import quiet_port
from tests.support.schema import with_tables
from tests.support.town import opened_town, postal, ready, wait_for
from tests.worker.bus.conftest import hearing
from tests.worker.bus.other_side import OtherSide, desk_on_a_bus
from tracking import onestop_inbox
from tracking.inbox import InboxDelivery
from worker.bus.dead import dead_letters

NUMBER = f"{CODE}-S1"


def order() -> dict[str, Any]:
    return {name: value for name, value in order_body("send").items() if name != "dossier"}


def kept(desk: TestDesk) -> int:
    with desk.read() as session:
        return session.scalar(select(func.count(InboxDelivery.id)).where(InboxDelivery.kind == "statement")) or 0


def work(desk: TestDesk) -> None:
    onestop_inbox.drain(desk.context, desk.office, desk.messenger.onestops)
    booking.drain(desk.context)
    outbox.drain(desk.context, desk.messenger.send)


def test_a_dossier_is_told_ordered_and_booked_over_the_bus_and_the_other_side_hears_of_it(
    desk: TestDesk, side: OtherSide
) -> None:
    side.listens("postal.#")
    asked = threading.Event()
    with hearing(desk, asked):
        wait_for("our queue to be there", lambda: listens(side))
        side.says("dossier.registered", dossier_body())
        side.says("postal.order_requested", order())
        wait_for("both to be kept", lambda: kept(desk) == 2)
        wait_for("work to be asked for", asked.is_set)
    work(desk)
    assert desk.shipment(NUMBER).state == "booked"
    # Whoever listens to everything hears its own words as well.
    told = [one for one in side.heard() if one["source"] == "onestop-postal"]
    assert [(one["type"], one["subject"]) for one in told] == [("postal.order_booked", CODE)]
    assert told[0]["data"]["order_number"] == NUMBER
    assert side.waiting() == 0


def listens(side: OtherSide) -> bool:
    """Whether our queue is there with its bindings, and somebody takes from it."""
    return side.takers() > 0


def test_what_is_said_twice_is_kept_once(desk: TestDesk, side: OtherSide) -> None:
    with hearing(desk):
        wait_for("our queue to be there", lambda: listens(side))
        said = side.says("dossier.registered", dossier_body())
        side.says("dossier.registered", dossier_body(), id=said["id"])
        side.says("dossier.registered", dossier_body(fee_vnd=0))
        wait_for("the last one to be kept", lambda: kept(desk) == 2)
    assert dead_letters(side.bus, 5.0) == []


def test_nothing_is_lost_when_the_line_is_cut_and_the_bus_is_heard_again_by_itself(
    side: OtherSide, tmp_path: Path
) -> None:
    port = quiet_port()
    with Line(port, urlsplit(side.url).port or 5672) as line, desk_on_a_bus(tmp_path, side, through=port) as desk:
        with hearing(desk):
            wait_for("our queue to be there", lambda: listens(side))
            side.says("dossier.registered", dossier_body())
            wait_for("the first to be kept", lambda: kept(desk) == 1)
            line.become(Mood.REFUSE)
            for _ in range(20):
                side.says("dossier.accepted", {"officer": "Hà Thị Mai"})
            assert kept(desk) == 1
            line.become(Mood.PASS)
            wait_for("the rest to be kept", lambda: kept(desk) == 21)
            line.become(Mood.CUT_ANSWER)
            side.says("dossier.accepted", {"officer": "Hà Thị Mai"})
            line.become(Mood.PASS)
            wait_for("the last to be kept", lambda: kept(desk) == 22)
            wait_for("everything to be acknowledged", lambda: side.waiting() == 0)
        assert dead_letters(side.bus, 5.0) == []


def test_a_message_is_not_lost_when_the_database_is_away_at_that_moment(
    side: OtherSide, tmp_path: Path, postgres_url: str
) -> None:
    port = quiet_port()
    with with_tables(postgres_url) as url, Line(port, make_url(url).port or 5432) as line:
        through = make_url(url).set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
        with desk_on_a_bus(tmp_path, side, database_url=through) as desk:
            with hearing(desk):
                wait_for("our queue to be there", lambda: listens(side))
                side.says("dossier.registered", dossier_body())
                wait_for("the first to be kept", lambda: kept(desk) == 1)
                line.become(Mood.REFUSE)
                side.says("dossier.accepted", {"officer": "Hà Thị Mai"})
                wait_for("the broker to have it back", lambda: side.waiting() == 1)
                line.become(Mood.PASS)
                wait_for("it to be kept", lambda: kept(desk) == 2)
            assert dead_letters(side.bus, 5.0) == []


@pytest.mark.needs_rabbitmq
def test_postal_up_hears_the_bus_that_its_configuration_names(side: OtherSide, tmp_path: Path) -> None:
    with opened_town(tmp_path) as town:
        configuration = town.home / "postal.toml"
        bus = f"""
[[onestops]]
id = "hotich"
connector = "bus"
source_systems = ["hotich"]
options = {{ exchange = "{side.name}", queue = "{side.name}.in" }}
secrets = {{ url = "{side.url}" }}
"""
        configuration.write_text(configuration.read_text() + bus)
        with postal(town, "up", "--bare") as system, town.caller() as caller:
            wait_for("the system to be ready", lambda: ready(town, system), 100)
            wait_for("our queue to be there", lambda: listens(side))
            side.says("dossier.registered", dossier_body(source_system="hotich"))
            wait_for("the dossier to be known", lambda: caller.get(f"/v1/dossiers/{CODE}").status_code == 200)
