"""The systems in which dossiers are filed: a VNPT-iGate with its clerk, a maker on the bus, and one over REST.

Each says what happens in its own way and has a copy of the due dates that is made of nothing but what we told it.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, ClassVar, Protocol

import httpx
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.message import Message
from kombu.messaging import Consumer, Producer

from carriers.reading import event_time
from config.clock import VIETNAM, Clock
from dispatch.onestop.bus.schema import TOLD
from dispatch.onestop.copy import DossierCopy, apply
from dispatch.onestop.igate.simulator import IgateOffice
from dispatch.onestop.igate.simulator.office import written
from dispatch.onestop.igate.simulator.samples import BY_POST, DIRECT, sample_dossier, status
from dispatch.onestop.simulator import OneStopSimulator
from tests.integration.connections.plans import WORKING_DAYS, Case, Source, Step
from tests.support.desk import dossier_body

Said = tuple[Case, Step]

_ADDRESS = {"text": "Tổ 5, Xã Xuân Trường, tỉnh Cao Bằng", "era": "new2"}
_AT_ONCE = 4


class CaseSystem(Protocol):
    """One of the three."""

    def file(self, cases: Iterable[Case]) -> None:
        """Take dossiers in, and order the post for those whose result goes by it."""

    def happen(self, said: Iterable[Said]) -> None:
        """Let things happen to dossiers now."""

    def due(self, code: str) -> datetime | None:
        """Return the due date in its own copy."""


class IgateSide:
    """iGate and its clerk, who types in the due dates that our list of undelivered messages asks for."""

    _STATUS: ClassVar[dict[str, int]] = {
        "accepted": 2,
        "supplement_requested": 1,
        "supplement_completed": 2,
        "suspended": 3,
        "resumed": 2,
    }
    _FINISHED = 4
    _ASKED = re.compile(r"Nhập ngày hẹn trả (\d\d:\d\d \d\d/\d\d/\d{4}) vào iGate cho hồ sơ (\S+)\.")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.office = IgateOffice(clock.now)

    def file(self, cases: Iterable[Case]) -> None:
        for case in cases:
            now = self._clock.now()
            limit = {"processingTime": WORKING_DAYS, "processingTimeUnit": "d"}
            more = {"code": case.code, "dossierStatus": status(0), "acceptedDate": None, "appointmentDate": None}
            kind = {"dossierReceivingKind": BY_POST if case.posted else DIRECT}
            self.office.put(sample_dossier(case.number, now, **more, **kind, **limit))

    def happen(self, said: Iterable[Said]) -> None:
        now = written(self._clock.now())
        for case, step in said:
            task: dict[str, Any] = {"currentTask": [{"id": f"task of {step.kind}", "createdDate": now}]}
            if step.kind == "result_ready":
                task |= {"dossierStatus": status(self._FINISHED), "completedDate": now}
            else:
                task |= {"dossierStatus": status(self._STATUS[step.kind])}
            accepted = {"acceptedDate": now} if step.kind == "accepted" else {}
            self.office.change(case.code, **task, **accepted)

    def type_in(self, troubles: Iterable[str]) -> int:
        """Do what the list says; returns how many dates were typed."""
        found = [asked for trouble in troubles if (asked := self._ASKED.search(trouble))]
        for asked in found:
            due = datetime.strptime(asked[1], "%H:%M %d/%m/%Y").replace(tzinfo=VIETNAM)
            self.office.change(asked[2], appointmentDate=written(due))
        return len(found)

    def due(self, code: str) -> datetime | None:
        shown = next(one for one in self.office.dossiers() if one["code"] == code)["appointmentDate"]
        return event_time(shown, "appointmentDate") if shown else None


class RestSide:
    """A system that calls our HTTP interface, several calls at once, and is told by signed callbacks."""

    def __init__(self, caller: httpx.Client, simulator: OneStopSimulator) -> None:
        self._caller, self._simulator = caller, simulator

    def file(self, cases: Iterable[Case]) -> None:
        self._at_once(self._file, cases)

    def happen(self, said: Iterable[Said]) -> None:
        self._at_once(self._tell, said)

    def due(self, code: str) -> datetime | None:
        return _folded(self._simulator.copies(), code)

    def _file(self, case: Case) -> None:
        self._caller.put(f"/v1/dossiers/{case.code}", json=registration(case)).raise_for_status()
        if case.posted:
            body = {"dossier": case.code, **order()}
            key = {"Idempotency-Key": f"order of {case.code}"}
            self._caller.post("/v1/orders", json=body, headers=key).raise_for_status()

    def _tell(self, said: Said) -> None:
        case, step = said
        body = {"event_id": event_id(step), "type": step.kind, "at": step.at.isoformat(), **data(step)}
        answer = self._caller.post(f"/v1/dossiers/{case.code}/events", json=body)
        assert answer.status_code == 202, answer.text
        assert answer.json()["applied"], answer.text

    def _at_once(self, act: Callable[[Any], None], what: Iterable[Any]) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for done in [threads.submit(act, one) for one in what]:
                done.result()


class BusSide:
    """A system on the bus: it says everything until the broker has confirmed it, and takes each of our messages once.

    Attributes:
        said: the ids of its messages, in order; ``tries``: how often it sent one, confirmed or not.
        heard: our messages by id, and how often each came.
    """

    EXCHANGE, _QUEUE = "onestop", "hotich.in"
    _PATIENCE = 3.0

    def __init__(self, url: str, clock: Clock) -> None:
        self._url, self._clock = url, clock
        self.said: list[str] = []
        self.tries = 0
        self.heard: Counter[str] = Counter()
        self._copies: dict[str, DossierCopy] = {}
        self._stop = threading.Event()
        self._listener = threading.Thread(target=self._listen, name="hotich", daemon=True)

    def bind(self) -> None:
        """Bind its queue before anybody publishes, as ``docs/bus.md`` asks for, and begin to listen."""
        with Connection(self._url) as line:
            channel = line.default_channel
            Exchange(self.EXCHANGE, type="topic", durable=True)(channel).declare()
            queue = self._queue()(channel)
            queue.declare()
            for key in TOLD:
                queue.bind_to(self.EXCHANGE, routing_key=key)
        self._listener.start()

    def close(self) -> None:
        """Stop listening."""
        self._stop.set()
        self._listener.join(10)

    def file(self, cases: Iterable[Case]) -> None:
        self._publish(message for case in cases for message in self._filed(case))

    def happen(self, said: Iterable[Said]) -> None:
        self._publish(
            self._message(case, f"dossier.{step.kind}", f"{case.code}-{event_id(step)}", data(step))
            for case, step in said
        )

    def due(self, code: str) -> datetime | None:
        return _folded(self._copies, code)

    def _filed(self, case: Case) -> Iterable[dict[str, Any]]:
        yield self._message(case, "dossier.registered", f"{case.code}-registered", registration(case))
        if case.posted:
            yield self._message(case, "postal.order_requested", f"{case.code}-order", order())

    def _message(self, case: Case, type_: str, id_: str, body: dict[str, Any]) -> dict[str, Any]:
        envelope = {"specversion": "1.0", "id": id_, "source": Source.BUS.value, "subject": case.code}
        return {**envelope, "type": type_, "time": self._clock.now().isoformat(), "data": body}

    def _publish(self, messages: Iterable[dict[str, Any]]) -> None:
        waiting = list(messages)
        self.said += [message["id"] for message in waiting]
        while waiting and not self._stop.is_set():
            try:
                self._publish_in_order(waiting)
            except Exception:  # noqa: BLE001  # the broker is away; what it has not confirmed is sent again
                self._stop.wait(0.2)

    def _publish_in_order(self, waiting: list[dict[str, Any]]) -> None:
        options = {"confirm_publish": True, "read_timeout": self._PATIENCE, "write_timeout": self._PATIENCE}
        with Connection(self._url, connect_timeout=self._PATIENCE, transport_options=options) as line:
            producer = Producer(line.default_channel)
            while waiting:
                self.tries += 1
                producer.publish(
                    json.dumps(waiting[0]).encode(), routing_key=waiting[0]["type"], exchange=self.EXCHANGE,
                    content_type="application/cloudevents+json", content_encoding="utf-8", delivery_mode=2,
                    mandatory=True, confirm_timeout=self._PATIENCE,
                )  # fmt: skip
                waiting.pop(0)

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                with Connection(self._url, connect_timeout=self._PATIENCE, heartbeat=5) as line:
                    self._take_messages(line)
            except Exception:  # noqa: BLE001  # the broker is away, and comes back
                self._stop.wait(0.2)

    def _take_messages(self, line: Connection) -> None:
        with Consumer(line.default_channel, queues=[self._queue()], on_message=self._take, auto_declare=False):
            while not self._stop.is_set():
                try:
                    line.drain_events(timeout=0.5)
                except TimeoutError:
                    line.heartbeat_check()

    def _take(self, message: Message) -> None:
        event = json.loads(message.body)
        if self.heard[event["id"]] == 0:
            code = event["subject"]
            self._copies[code] = apply(self._copies.get(code, DossierCopy(code)), event)
        self.heard[event["id"]] += 1
        message.ack()

    def _queue(self) -> Queue:
        return Queue(self._QUEUE, durable=True)


def registration(case: Case) -> dict[str, Any]:
    """Return the body by which a dossier is registered."""
    body = dossier_body(source_system=case.source.value)
    limit = {"time_limit": {"amount": WORKING_DAYS, "unit": "working_days"}}
    return {**body, "procedure": {**body["procedure"], **limit}}


def order() -> dict[str, Any]:
    """Return the body by which the result is ordered by post, without the dossier."""
    return {"service": "receive", "address": _ADDRESS}


def event_id(step: Step) -> str:
    """Return the system's own id of an event."""
    return f"{step.kind}-{step.at:%d%H}"


def data(step: Step) -> dict[str, Any]:
    """Return what is said with an event."""
    return {"officer": "Hà Thị Mai", **step.more}


def _folded(copies: dict[str, DossierCopy], code: str) -> datetime | None:
    copy = copies.get(code)
    return datetime.fromisoformat(copy.due) if copy is not None and copy.due else None
