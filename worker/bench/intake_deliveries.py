"""Deliveries as J&T sends them, signed, each telling of another scan: the same bytes for every way."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from carriers.jt.simulator import Customer
from carriers.jt.simulator.news import delivery
from config.clock import VIETNAM, wall_now

ACCOUNT = "jt"
CUSTOMER = Customer("J0086000123", "640826271705595946", "private-key", "password-key", "suffix")
PATH = f"/webhooks/jt/{ACCOUNT}"
_CODES = ("106", "109", "110", "112", "113")


def configuration() -> str:
    """Return the ``postal.toml`` of a system with the one account that is told."""
    return f"""
[[carrier_accounts]]
id = "{ACCOUNT}"
carrier = "jt"
customer_code = "{CUSTOMER.code}"
desk = {{ phone = "02063852136", address = "Trung tâm Phục vụ hành chính công", province_code = "04" }}
options = {{ base_url = "http://127.0.0.1:9", api_account = "{CUSTOMER.api_account}", provinces = "gso" }}
secrets = {{ private_key = "{CUSTOMER.private_key}", password_key = "password-key", password_suffix = "suffix" }}
"""


def requests(count: int, chance: random.Random) -> list[bytes]:
    """Return so many deliveries as HTTP requests; no two tell of the same scan, in this call or another."""
    now = wall_now()
    return [_request(_scan(chance, number), now) for number in range(count)]


def write(where: Path, made: list[bytes]) -> str:
    """Write requests for :mod:`worker.bench.intake_load`; returns the file's name."""
    where.write_text("\n".join(request.hex() for request in made))
    return str(where)


def _scan(chance: random.Random, number: int) -> dict[str, Any]:
    happened = wall_now().astimezone(VIETNAM) - timedelta(seconds=chance.randrange(30 * 86400))
    return {
        "billCode": f"8{chance.randrange(10**13):013}",
        "txlogisticId": f"H14.10-{happened:%y%m%d}-{number % 10_000:04}-S1",
        "details": [
            {
                "scanTime": f"{happened:%Y-%m-%d %H:%M:%S}",
                "desc": "Bưu gửi đã đến bưu cục",
                "scanTypeCode": chance.choice(_CODES),
                "scanTypeName": "Đến bưu cục",
                "scanNetworkName": "Cao Bằng",
                "scanNetworkCity": None,
                "staffName": "Lý Văn Hải",
                "pictureUrl": None,
            }
        ],
    }


def _request(said: dict[str, Any], sent_at: datetime) -> bytes:
    message = delivery(said, PATH, CUSTOMER, sent_at)
    headers = {"host": "127.0.0.1", **message.headers, "content-length": str(len(message.body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {PATH} HTTP/1.1\r\n{head}\r\n".encode("ascii") + message.body
