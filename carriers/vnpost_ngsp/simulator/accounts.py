"""What to write into the configuration so that an account talks to a simulator."""

from __future__ import annotations

from typing import Any

from carriers.vnpost_ngsp.dialects import DIALECTS, Variant
from carriers.vnpost_ngsp.simulator.adapter import Client


def account_options(base_url: str, variant: Variant = Variant.NGSP_DIRECT) -> dict[str, Any]:
    """Return the ``options`` of an account at a simulator that is served at ``base_url``."""
    urls = {"token": f"{base_url}/token"}
    if DIALECTS[variant].one_address:
        urls["adapter"] = f"{base_url}/adapter"
    else:
        urls |= {"order": f"{base_url}/order/post", "cancel": f"{base_url}/order/cancel"}
        urls |= {"tracking": f"{base_url}/order/tracking", "price": f"{base_url}/order/price"}
    return {"variant": variant.value, "urls": urls}


def account_secrets(client: Client) -> dict[str, str]:
    """Return the ``secrets`` of an account of ``client``, for any variant."""
    return {
        "consumer_key": client.key,
        "consumer_secret": client.secret,
        "key_token": client.secret,
        "access_token": client.secret,
    }
