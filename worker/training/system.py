"""The system under test as a child process, which can be killed without warning and started again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_COMMAND = (sys.executable, "-m", "worker.cli", "up", "--bare", "--exit-with-parent")
_LAST_WORDS = 1500


class SystemEndedError(Exception):
    """The system ended by itself more often than a run can bear; the message quotes the end of its log."""


class SystemProcess:
    """``postal up --bare`` beside us.

    Its standard input is a pipe of ours: when we die, however suddenly, the pipe closes and the child ends too.

    Args:
        environment: settings over those of this process.
        log: file that takes everything the child prints.
    """

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment = {**os.environ, **environment}
        self._log = log
        self.process: subprocess.Popen[bytes] | None = None
        self._surprises = 0

    def start(self) -> None:
        """Start the child; it answers a little later."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                _COMMAND, stdin=subprocess.PIPE, stdout=log, stderr=log, env=self._environment
            )

    def kill(self) -> None:
        """Kill the child with SIGKILL, whatever it is doing."""
        if self.process is not None:
            self.process.kill()
            self._reap(self.process)

    def restart_if_ended(self) -> bool:
        """Start the child again if it has ended by itself; tells whether it had.

        Raises:
            SystemEndedError: this happened for the third time.
        """
        if self.process is None or self.process.poll() is None:
            return False
        self._reap(self.process)
        self._surprises += 1
        if self._surprises > 2:
            code = self.process.returncode
            raise SystemEndedError(f"the system ended with code {code}; its last words:\n{self._words()}")
        self.start()
        return True

    def stop(self) -> None:
        """Ask the child to end, and make sure of it."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._reap(self.process)

    @staticmethod
    def _reap(process: subprocess.Popen[bytes]) -> None:
        process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def _words(self) -> str:
        return self._log.read_text(errors="replace")[-_LAST_WORDS:]
