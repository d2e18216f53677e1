"""``python -m tests.crash --seed N --seconds S``: one storm by hand; exit code 1 on any violation."""

from __future__ import annotations

import argparse
import faulthandler
import signal
import sys

from tests.crash.storm import Storm, rage, report


def _read_arguments() -> Storm:
    parser = argparse.ArgumentParser(description="Let a storm rage over the whole system, and judge what is left.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--strikes", type=int, default=sys.maxsize)
    parser.add_argument("--dossiers", type=int, default=60)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--pause", type=float, default=0.7)
    parser.add_argument("--broker", choices=("rabbitmq", "redis"), default="rabbitmq")
    parser.add_argument("--longest", type=float, default=900.0)
    return Storm(**vars(parser.parse_args()))


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR1)  # says where it stands, should it seem to stand still
    aftermath = rage(_read_arguments())
    print(report(aftermath))
    sys.exit(1 if aftermath.violations else 0)
