"""What we tell on RabbitMQ: delivered when it is in somebody's queue, and not because the socket took it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from config.accounts import Accounts, OneStopSystem
from config.errors import ConfigurationError
from config.settings import Settings
from dispatch.messenger import Messenger
from dispatch.news import cloud_event
from dispatch.onestop.bus.settings import load_settings
from dispatch.onestop.contract import CanBeChecked, OneStopError
from dispatch.outbox_rows import OutboxMessage
from tests.support.desk import CODE, MONDAY
from tests.support.line import Line, Mood
from tests.support.own_servers import quiet_port
from tests.worker.bus.other_side import PATIENCE, OtherSide
from worker.bus.publisher import BusPublisher, opener

BOOKED = "postal.order_booked"


def news(number: int, type_: str = BOOKED) -> OutboxMessage:
    id_ = f"{CODE}:{type_}:{number}"
    payload = cloud_event(id_, type_, CODE, MONDAY, {"order_number": f"{CODE}-S{number}"})
    return OutboxMessage(id=id_, destination="onestop:igate", type=type_, subject=CODE, payload=payload, trace="t")


def publisher(side: OtherSide, through: int | None = None) -> BusPublisher:
    return BusPublisher(load_settings(side.system(through)), PATIENCE)


def test_a_message_that_is_in_nobodys_queue_has_not_been_delivered(side: OtherSide) -> None:
    bus = publisher(side)
    refused = bus.publish(news(1))
    assert (refused.delivered, refused.status) == (False, 312)
    assert f"no queue at exchange '{side.name}' takes '{BOOKED}'" in refused.answer
    side.listens("postal.*")
    assert bus.publish(news(1)).delivered
    assert not bus.publish(news(1, "dossier.due_date_changed")).delivered
    assert bus.publish(news(2)).delivered
    assert [one["id"] for one in side.heard()] == [news(1).id, news(2).id]
    bus.close()


def test_many_threads_share_the_line(side: OtherSide) -> None:
    side.listens("#")
    bus = publisher(side)
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda number: bus.publish(news(number)), range(40)))
    assert all(one.delivered for one in results)
    assert {one["id"] for one in side.heard()} == {news(number).id for number in range(40)}
    bus.close()


def test_a_line_that_was_cut_is_opened_anew_and_a_broker_that_is_away_is_a_failed_delivery(side: OtherSide) -> None:
    side.listens("#")
    port = quiet_port()
    with Line(port, urlsplit(side.url).port or 5672) as line:
        bus = publisher(side, through=port)
        assert bus.publish(news(1)).delivered
        line.become(Mood.REFUSE)
        away = bus.publish(news(2))
        assert (away.delivered, away.status) == (False, None)
        assert "the bus does not answer" in away.answer
        line.become(Mood.PASS)
        assert bus.publish(news(2)).delivered
        line.become(Mood.REFUSE)
        line.become(Mood.PASS)
        assert bus.publish(news(3)).delivered, "the line broke since, which costs no failed delivery"
        bus.close()
    assert {one["id"] for one in side.heard()} == {news(number).id for number in (1, 2, 3)}


def test_a_broker_that_swallows_everything_costs_its_patience_and_no_more(side: OtherSide) -> None:
    port = quiet_port()
    with Line(port, urlsplit(side.url).port or 5672) as line:
        line.become(Mood.SILENT)
        bus = BusPublisher(load_settings(side.system(port)), 0.5)
        silent = bus.publish(news(1))
        assert not silent.delivered
        assert silent.duration_ms < 4_000
        bus.close()


def test_the_bus_can_be_checked_without_a_message(side: OtherSide) -> None:
    bus = publisher(side)
    assert "RabbitMQ answered" in bus.check()
    with pytest.raises(OneStopError, match=r"Check secrets\.url"):
        publisher(side, through=quiet_port()).check()
    bus.close()


def on(url: str, **options: object) -> OneStopSystem:
    secrets = {"url": SecretStr(url)} if url else {}
    return OneStopSystem(id="igate", connector="bus", source_systems=("igate",), options=options, secrets=secrets)


@pytest.mark.parametrize(
    ("system", "why"),
    [
        (on(""), r"add secrets\.url"),
        (on("https://mq.example.vn/"), "no address of RabbitMQ"),
        (on("amqp://a:b@mq.example.vn/v"), "not encrypted"),
        (on("amqps://a:b@mq.example.vn/v", prefetch=0), "prefetch"),
        (on("amqps://a:b@mq.example.vn/v", queue="a b"), "queue"),
        (on("amqps://a:b@mq.example.vn/v", color="red"), "color"),
    ],
)
def test_a_wrong_configuration_stops_the_boot_and_keeps_the_password(
    system: OneStopSystem, why: str, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(ConfigurationError, match=why) as refused:
        Messenger(Accounts(onestops=(system,)), settings, open_bus=opener(settings))
    assert "a:b" not in str(refused.value)


def test_an_encrypted_line_or_a_trusted_network_will_do(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    systems = (on("amqps://a:b@mq.example.vn/v"), on("amqp://a:b@10.0.0.1/v", trusted_network=True))
    for system in systems:
        messenger = Messenger(Accounts(onestops=(system,)), settings, open_bus=opener(settings))
        assert isinstance(messenger.onestops[0], CanBeChecked)
        messenger.close()


def test_a_process_without_a_way_to_the_bus_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no way"):
        Messenger(Accounts(onestops=(on("amqps://a:b@mq.example.vn/v"),)), Settings(home=tmp_path))
