from __future__ import annotations

from typing import Any

import pytest

from worker.lanes import Lane, queue_name, queues


def arguments(broker: str) -> list[Any]:
    """Return what the broker is asked for with each queue."""
    return [queue.as_dict()["queue_arguments"] for queue in queues("postal", broker)]


def test_every_lane_has_a_queue_of_its_own() -> None:
    names = [queue.name for queue in queues("cao-bang", "memory://")]
    assert names == [f"cao-bang.{lane}" for lane in Lane]


@pytest.mark.parametrize("broker", ["amqp://127.0.0.1//", "amqps://127.0.0.1//", "pyamqp://127.0.0.1//"])
def test_on_rabbitmq_a_queue_survives_the_loss_of_a_node(broker: str) -> None:
    assert arguments(broker) == [{"x-queue-type": "quorum"}] * len(Lane)


@pytest.mark.parametrize("broker", ["memory://", "redis://127.0.0.1/1", "rediss://127.0.0.1/1"])
def test_other_brokers_are_not_asked_for_what_they_do_not_know(broker: str) -> None:
    assert arguments(broker) == [{}] * len(Lane)


def test_two_systems_on_one_broker_do_not_share_queues() -> None:
    assert {queue_name("one", lane) for lane in Lane}.isdisjoint(queue_name("two", lane) for lane in Lane)
