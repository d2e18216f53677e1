"""The same story through separate processes, real Celery workers and real brokers; its outcome seen over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet
from kombu.connection import Connection
from kombu.entity import Queue

from config.clock import wall_now
from tests.support.desk import CODE, dossier_body, order_body
from tests.support.rooms import own_database
from tests.support.services import Server
from tests.support.town import Town, is_alive, opened_town, postal, run, wait_for
from tests.support.web import new_key
from worker.lanes import Lane, queue_name

NUMBER = f"{CODE}-S1"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """An operator and a one-stop under the machine's own clock."""
    with opened_town(tmp_path / "town", starts_at=None) as town:
        yield town


@pytest.fixture
def shared(postgres_url: str) -> Iterator[dict[str, str]]:
    """Settings of processes that share a PostgreSQL database of their own."""
    with own_database(Server(postgres_url, named=False)) as url:
        yield {
            "POSTAL_DATABASE_URL": url,
            "POSTAL_DATA_KEY": Fernet.generate_key().decode(),
            "POSTAL_POLL_MINUTES": "0.02",
            "POSTAL_SWEEP_SECONDS": "1",
        }


def state_of(caller: httpx.Client) -> str:
    return str(caller.get(f"/v1/dossiers/{CODE}").json()["shipments"][0]["state"])


def answers(caller: httpx.Client) -> bool:
    try:
        return is_alive(caller.get("/readyz").json())
    except httpx.TransportError:
        return False


def tell_the_story(town: Town, settings: Mapping[str, str]) -> None:
    upgraded = run(["db", "upgrade"], town.environment(**settings))
    assert upgraded.returncode == 0, upgraded.stderr
    with ExitStack() as processes, town.caller() as caller:
        for part in ("web", "worker", "beat"):
            processes.enter_context(postal(town, part, **settings))
        wait_for("web and worker to be ready", lambda: answers(caller))
        _order_and_follow(town, caller)


def _order_and_follow(town: Town, caller: httpx.Client) -> None:
    assert caller.put(f"/v1/dossiers/{CODE}", json=dossier_body()).status_code == 201
    placed = caller.post("/v1/orders", json=order_body("send"), headers=new_key())
    assert placed.status_code == 201, placed.text
    wait_for("the order to be booked", lambda: state_of(caller) == "booked")
    town.operator.push_event(NUMBER, 2, wall_now() - timedelta(minutes=2))
    town.operator.push_event(NUMBER, 4, wall_now() - timedelta(minutes=1))
    wait_for("the delivery to be seen", lambda: state_of(caller) == "delivered", look=lambda: _troubles(caller))
    wait_for("the one-stop to be told of it", lambda: town.told().get("postal.shipment_moved", 0) >= 2)
    assert town.live_orders() == {NUMBER: 1}
    assert town.told()["postal.order_booked"] == 1


def _troubles(caller: httpx.Client) -> str:
    return caller.get("/readyz").text + caller.get("/v1/attention").text


def test_the_story_on_rabbitmq_with_queues_that_outlive_a_node(
    town: Town, shared: dict[str, str], rabbitmq_url: str
) -> None:
    settings = {**shared, "POSTAL_BROKER_URL": rabbitmq_url, "POSTAL_QUEUE_PREFIX": "story"}
    tell_the_story(town, settings)
    with Connection(rabbitmq_url) as connection:
        for lane in Lane:  # RabbitMQ refuses to declare a queue again with other arguments than it has
            declared = Queue(queue_name("story", lane), queue_arguments={"x-queue-type": "quorum"})
            declared(connection.default_channel).queue_declare()


def test_the_story_on_redis(town: Town, shared: dict[str, str], redis_url: str) -> None:
    tell_the_story(town, {**shared, "POSTAL_BROKER_URL": redis_url, "POSTAL_QUEUE_PREFIX": "story"})


def test_an_order_is_taken_while_the_broker_is_dead_and_booked_when_a_worker_comes(
    town: Town, shared: dict[str, str], rabbitmq_url: str
) -> None:
    dead = {**shared, "POSTAL_BROKER_URL": "amqp://guest:guest@127.0.0.1:1//"}
    alive = {**shared, "POSTAL_BROKER_URL": rabbitmq_url, "POSTAL_QUEUE_PREFIX": "later"}
    assert run(["db", "upgrade"], town.environment(**shared)).returncode == 0
    with postal(town, "web", **dead), town.caller() as caller:
        wait_for("web to answer", lambda: _healthy(caller))
        caller.put(f"/v1/dossiers/{CODE}", json=dossier_body())
        started = time.monotonic()
        assert caller.post("/v1/orders", json=order_body("send"), headers=new_key()).status_code == 201
        assert time.monotonic() - started < 10  # nobody waits for a broker that is dead
        with postal(town, "worker", **alive), postal(town, "beat", **alive):
            wait_for("the order to be booked", lambda: state_of(caller) == "booked")


def _healthy(caller: httpx.Client) -> bool:
    try:
        return caller.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_two_workers_of_one_machine_that_start_together_on_an_empty_database_both_work(
    town: Town, shared: dict[str, str], rabbitmq_url: str
) -> None:
    settings = {**shared, "POSTAL_BROKER_URL": rabbitmq_url, "POSTAL_QUEUE_PREFIX": "twins"}
    assert run(["db", "upgrade"], town.environment(**shared)).returncode == 0
    with postal(town, "worker", **settings) as one, postal(town, "worker", **settings) as other:
        wait_for("both to listen", lambda: _listeners(rabbitmq_url, queue_name("twins", Lane.BOOKING)) == 2, 100)
        assert (one.poll(), other.poll()) == (None, None)


def _listeners(url: str, queue: str) -> int:
    with Connection(url) as connection:
        try:
            return int(connection.default_channel.queue_declare(queue, passive=True).consumer_count)
        except connection.channel_errors:
            return 0
