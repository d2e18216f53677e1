"""Brokers of a test's own, which it may kill and empty: a RabbitMQ node, a Redis."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import redis
from kombu.connection import Connection

from tests.support.own_servers import OwnServer, quiet_port
from tests.support.services import rabbitmq_answers, redis_answers
from worker.training.servers import HOST

_SCRIPT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


class OwnRabbit(OwnServer):
    """A RabbitMQ node with a name, a cookie and a name server (``epmd``) of its own."""

    name = "RabbitMQ"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._epmd_port, self._distribution_port = quiet_port(), quiet_port()
        (folder / "enabled_plugins").write_text("[].\n")
        (folder / "rabbitmq.conf").write_text(f"listeners.tcp.local = {HOST}:{self.port}\n")
        self._epmd = subprocess.Popen(["epmd", "-port", str(self._epmd_port)], env=self._whole_environment())

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{HOST}:{self.port}//"

    def answers(self) -> bool:
        return rabbitmq_answers(self.url)

    def empty(self, queues: Sequence[str]) -> bool:
        """Throw away every message that waits; tells whether that could be done."""
        # A node that is coming up takes the connection and then may not answer for minutes.
        brief = {"read_timeout": 3, "write_timeout": 3}
        connection = Connection(self.url, connect_timeout=2, transport_options=brief)
        try:
            with connection:
                for queue in queues:
                    connection.channel().queue_purge(queue)
        except (OSError, *connection.connection_errors, *connection.channel_errors):
            return False
        return True

    def stop_for_good(self) -> None:
        super().stop_for_good()
        self._epmd.kill()
        self._epmd.wait()

    def _command(self) -> Sequence[str]:
        return [str(_SCRIPT)]

    def _environment(self) -> Mapping[str, str]:
        return {
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_FLAGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_NODENAME": f"crash{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RUNNING_UNDER_SYSTEMD": "true",  # the node takes the place of its script, so that signals reach it
        }

    def _whole_environment(self) -> dict[str, str]:
        return {**os.environ, **self._environment()}


class OwnRedis(OwnServer):
    """A Redis that keeps nothing on disk: every end of it is the loss of all messages."""

    name = "Redis"

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def answers(self) -> bool:
        return redis_answers(self.url)

    def empty(self, queues: Sequence[str]) -> bool:
        """Throw away everything that is in it; tells whether that could be done."""
        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=2) as client:
                return bool(client.flushall())
        except redis.RedisError:
            return False

    def _command(self) -> Sequence[str]:
        return ["redis-server", "--bind", HOST, "--port", str(self.port), "--save", "", "--appendonly", "no"]


def rabbitmq_is_installed() -> bool:
    """Whether the node's start script and its name server are here."""
    return os.access(_SCRIPT, os.X_OK) and shutil.which("epmd") is not None
