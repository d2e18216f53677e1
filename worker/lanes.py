"""Lanes: a job's queue is chosen by what it costs to starve it, never by the module it comes from.

A booking that waits is a citizen whose papers are not collected; a poll that waits costs minutes.
"""

from __future__ import annotations

from enum import StrEnum

from kombu.entity import Queue


class Lane(StrEnum):
    """The queues, most costly to starve first."""

    BOOKING = "booking"
    NOTICES = "notices"
    INTAKE = "intake"
    POLLING = "polling"
    HOUSEKEEPING = "housekeeping"


def queue_name(prefix: str, lane: Lane) -> str:
    """Return the name of a lane's queue at the broker."""
    return f"{prefix}.{lane}"


def queues(prefix: str, broker: str) -> list[Queue]:
    """Return every lane's queue; on RabbitMQ they are quorum queues, which survive the loss of a node."""
    arguments = {"x-queue-type": "quorum"} if broker.startswith(("amqp", "pyamqp")) else {}
    return [Queue(queue_name(prefix, lane), queue_arguments=arguments) for lane in Lane]
