"""The schema of the bus as we publish it: JSON Schema 2020-12 of what we hear and of what we tell. Pure."""

from __future__ import annotations

from typing import Any

from dispatch.onestop.bus.messages import DATA, HEARD

TOLD = (
    "dossier.changed",
    "dossier.due_date_changed",
    "postal.attention_needed",
    "postal.delivery_reversed",
    "postal.order_booked",
    "postal.papers_handed_over",
    "postal.pickup_recorded",
    "postal.result_delivered",
    "postal.result_returned",
    "postal.rides_with",
    "postal.shipment_moved",
    "postal.supplement_form",
)
"""Types that we tell, which are routing keys as well; their data is the same as in signed callbacks."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return both schemas, and the routing keys by which they travel."""
    return {
        "hears": {"routing_keys": list(DATA), "schema": {"$schema": _DIALECT, **HEARD.model_json_schema()}},
        "tells": {"routing_keys": list(TOLD), "schema": {"$schema": _DIALECT, **_told()}},
    }


def _told() -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {**text, "description": "The same over repetitions: take it once."},
            "source": {"const": "onestop-postal"},
            "type": {"enum": list(TOLD)},
            "subject": {**text, "description": "The dossier's code."},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "data": {"type": "object"},
        },
    }
