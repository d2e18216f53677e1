from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.support.desk import TestDesk
from tests.worker.bus.other_side import OtherSide, desk_on_a_bus
from worker.bus.consumer import listening


@pytest.fixture
def side(rabbitmq_url: str) -> OtherSide:
    """The other system, with exchange and queues that no other test knows."""
    return OtherSide(rabbitmq_url)


@pytest.fixture
def desk(side: OtherSide, tmp_path: Path) -> Iterator[TestDesk]:
    """A desk of the test's own, on the bus."""
    with desk_on_a_bus(tmp_path, side) as desk:
        yield desk


def hearing(desk: TestDesk, asked: threading.Event | None = None) -> AbstractContextManager[None]:
    """Listen to the bus for as long as the block lasts."""
    return listening(desk.runtime, (asked or threading.Event()).set)
