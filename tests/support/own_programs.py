"""Whether the programs are installed from which tests start servers of their own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from tests.support.own_brokers import rabbitmq_is_installed
from tests.support.own_postgres import postgres_is_installed
from tests.support.services import LEAVE_OUT, POSTGRES, RABBITMQ, Server


@dataclass(frozen=True)
class Programs:
    """What a test needs that starts servers of its own; the servers of the machine need not run for it.

    Only what is installed is looked at. Programs that are here and do not start are a failure and no reason to leave a
    test out.
    """

    name: ClassVar[str] = "PostgreSQL's and RabbitMQ's programs, from which a test starts its own servers"
    marker: ClassVar[str] = "needs_own_servers"
    fixture: ClassVar[str] = ""
    remedy: ClassVar[str] = (
        f"install Debian's or Ubuntu's postgresql and rabbitmq-server (`make test` does so as root or with sudo), and "
        f"unset {POSTGRES.variable} and {RABBITMQ.variable} if they are '{LEAVE_OUT}'"
    )

    def locate(self, environment: Mapping[str, str] = os.environ) -> Server | None:
        """Return something if the programs are here and neither server is switched off; they have no address yet."""
        switched_off = LEAVE_OUT in (environment.get(one.variable) for one in (POSTGRES, RABBITMQ))
        here = not switched_off and postgres_is_installed() and rabbitmq_is_installed()
        return Server("", named=False) if here else None


PROGRAMS = Programs()
