"""What a one-stop system says on the bus: CloudEvents in JSON, checked whole before anything is kept. Pure.

The data of each type is the body that our HTTP interface takes for the same thing, less what the envelope says already.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, ValidationError, create_model

from config.errors import briefly
from dispatch.change_forms import NewAddressForm
from dispatch.forms import Code, DossierEventForm, DossierForm, EventKind, Instant, OrderForm, Reference, Text
from dispatch.onestop.contract import Statement

REGISTERED = "dossier.registered"
ORDER_REQUESTED = "postal.order_requested"
ADDRESS_CHANGED = "postal.address_changed"
ORDER_CANCELLED = "postal.order_cancelled"
EVENTS = {f"dossier.{kind}": kind for kind in EventKind}
"""Types of messages that are events of a dossier."""

OrderId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,40}$")]


class PoisonError(Exception):
    """A message that can never be taken as it is; ``next_step`` says in English and Vietnamese what to do."""

    def __init__(self, reason: str, next_step: str, next_step_vi: str) -> None:
        super().__init__(reason)
        self.reason, self.next_step, self.next_step_vi = reason, next_step, next_step_vi


class Envelope(BaseModel):
    """What every message has (CloudEvents 1.0, structured mode, JSON). Further attributes are not looked at.

    ``id`` is unique within the ``source``; a message that is sent again keeps it. ``subject`` is the dossier's code.
    ``time`` is when it was said: on one matter the newest word counts, whatever the order in which it arrives.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    specversion: Literal["1.0"]
    id: Reference
    source: Annotated[Text, StringConstraints(max_length=80)]
    subject: Code
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"


class AddressData(NewAddressForm):
    """A new address for an order, the dossier's newest where none is named."""

    order: OrderId | None = None


class CancelData(BaseModel):
    """Cancels an order, the dossier's newest where none is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    order: OrderId | None = None


def _less(form: type[BaseModel], name: str, *, left_out: Iterable[str], **changed: Any) -> type[BaseModel]:
    """Return a form without the fields that the envelope holds."""
    kept: dict[str, Any] = {
        key: (field.annotation, field) for key, field in form.model_fields.items() if key not in left_out
    }
    closed = ConfigDict(extra="forbid", frozen=True)
    return create_model(name, __config__=closed, __doc__=form.__doc__, **{**kept, **changed})


_by_default = "from the envelope where it is not given"
EventData = _less(
    DossierEventForm,
    "EventData",
    left_out=("type",),
    event_id=(Reference | None, Field(default=None, description=f"id, {_by_default}")),
    at=(Instant | None, Field(default=None, description=f"time, {_by_default}")),
)
OrderData = _less(OrderForm, "OrderData", left_out=("dossier",))

DATA: Mapping[str, type[BaseModel]] = {
    REGISTERED: DossierForm,
    **dict.fromkeys(EVENTS, EventData),
    ORDER_REQUESTED: OrderData,
    ADDRESS_CHANGED: AddressData,
    ORDER_CANCELLED: CancelData,
}
"""The types that we hear, which are routing keys as well, and the form of their data."""


def _message(type_: str, data: type[BaseModel]) -> type[BaseModel]:
    name = "".join(part.capitalize() for part in type_.replace(".", "_").split("_"))
    fields: dict[str, Any] = {"type": (Literal[type_], ...), "data": (data, ...)}
    return create_model(name, __base__=Envelope, **fields)


_MESSAGES = tuple(_message(type_, data) for type_, data in DATA.items())
_ANY_OF_THEM: Any = reduce(or_, _MESSAGES)
HEARD: type[RootModel[Any]] = create_model(
    "Message", __base__=RootModel[Any], root=(_ANY_OF_THEM, Field(discriminator="type"))
)
"""Every message that we take."""

_FIX = (
    "Correct it by `postal bus schema` and send it under an id of its own.",
    "Sửa theo lược đồ và gửi lại với mã mới.",
)
_KINDS = {REGISTERED: "dossier", ORDER_REQUESTED: "order", ADDRESS_CHANGED: "address", ORDER_CANCELLED: "cancel"}


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as a statement; ``said_at`` is its time."""

    statement: Statement
    said_at: datetime


def read_message(body: bytes | str, longest: int) -> Heard:
    """Read a message of at most ``longest`` bytes.

    Raises:
        PoisonError: it is too long, no JSON, or not by the schema; the reason never repeats what it says of a citizen.
    """
    if len(body) > longest:
        raise PoisonError(f"it is longer than {longest} bytes", *_FIX)
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PoisonError(f"it is not JSON in UTF-8 ({type(error).__name__})", *_FIX) from error
    if not isinstance(event, dict) or not isinstance(event.get("id"), str) or not event["id"].strip():
        raise PoisonError("it is no CloudEvents envelope with an id", *_FIX)
    if event.get("type") not in DATA:
        raise PoisonError(f"its type is none that is heard here: {', '.join(DATA)}", *_FIX)
    try:
        message = HEARD.model_validate_json(json.dumps(event)).root
    except ValidationError as error:
        raise PoisonError(f"it is not by the schema: {briefly(error)}", *_FIX) from error
    return Heard(_statement(message, event), message.time)


def _statement(message: Any, event: dict[str, Any]) -> Statement:
    """Return the statement, with the data as it was sent and what our own interface wants beside it."""
    data = event["data"]
    if message.type in EVENTS:
        said = {"event_id": message.id, "at": event["time"], **{k: v for k, v in data.items() if v is not None}}
        data = {**said, "type": EVENTS[message.type].value}
    elif message.type == ORDER_REQUESTED:
        data = {**data, "dossier": message.subject}
    key = f"{message.source}#{message.id}"
    return Statement(_KINDS.get(message.type, "event"), key, message.subject, data)
