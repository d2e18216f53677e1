"""``postal simulator sms``: an SMS gateway for whoever tries the messages to citizens, directed over ``/_control``."""

from __future__ import annotations

import uvicorn

from dispatch.channels.simulator import SmsGatewaySimulator
from worker.commands.output import console, say_json

SMS = "sms"
_TOKEN = "token-of-the-gateway"  # it stands on the screen: whoever tries it, needs it


def run_sms_gateway(port: int) -> None:
    """Be an SMS gateway until Ctrl-C."""
    base = f"http://127.0.0.1:{port}"
    console.print(f"{SMS} on {base}; Ctrl-C stops it. How to configure it, as citizen_channels.sms:")
    say_json({"url": f"{base}/sms", "token": _TOKEN, "sender": "MotCua"})
    console.print("GET /_control/texts shows what it took; POST /_control/answers [503, 503] makes it fail twice.")
    gateway = SmsGatewaySimulator(_TOKEN)
    uvicorn.run(gateway.app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
