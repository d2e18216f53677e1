"""API clients with agencies of their own: another agency's dossier is as good as none, and reading leaves a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from dispatch.shipment_queries import get_shipment
from tests.support.desk import AGENCY, TestDesk, dossier_body, order_body
from tests.support.web import new_key, problem
from tests.worker.web.board.cases import in_doubt
from worker.access import audit, audit_check, clients
from worker.access.actor import COMMAND
from worker.access.roles import EVERYWHERE, Role, Scope
from worker.web.app import _PARTS
from worker.web.auth import known_client
from worker.web.doors import DOORS

OTHER = "H14.20"
THEIRS = "H14.20-260302-0001"
_NUMBERS = count(1)
Caller = Callable[..., httpx.Client]


@pytest.fixture(scope="module")
def theirs(desk: TestDesk) -> str:
    """A dossier of another agency, with an order."""
    desk.register(THEIRS, agency={"code": OTHER, "name": "Sở Y tế"})
    desk.order(dossier=THEIRS)
    return THEIRS


@pytest.fixture
def mine(desk: TestDesk, code: str) -> str:
    desk.register(code, agency={"code": AGENCY, "name": "Sở Tư pháp"})
    return code


@pytest.fixture
def caller(web: httpx.Client, desk: TestDesk) -> Iterator[Caller]:
    opened: list[httpx.Client] = []

    def call(*agencies: str, role: Role = Role.ONE_STOP_CLIENT) -> httpx.Client:
        with desk.context.database.write() as session:
            key = clients.add(session, f"client-{next(_NUMBERS)}", role, Scope.of(agencies or [AGENCY]), COMMAND)
        headers = {"Authorization": f"Bearer {key}"}
        opened.append(httpx.Client(base_url=web.base_url, headers=headers, timeout=30.0))
        return opened[-1]

    yield call
    for one in opened:
        one.close()


def without_names(answer: httpx.Response, *names: str) -> tuple[int, str, str]:
    text = answer.text
    for name in names:
        text = text.replace(name, "…")
    return answer.status_code, text, answer.headers["content-type"]


UNKNOWN = "H14.10-991231-9999"
EVENT = {"event_id": "event-1", "type": "accepted", "at": "2026-03-02T08:00:00+07:00", "officer": "Mai"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/dossiers/{}", None),
        ("GET", "/v1/dossiers/{}/deadline", None),
        ("GET", "/v1/dossiers/{}/deadline.svg", None),
        ("GET", "/v1/dossiers/{}/money", None),
        ("GET", "/v1/dossiers/{}/supplement-forms", None),
        ("POST", "/v1/dossiers/{}/events", EVENT),
        ("POST", "/v1/dossiers/{}/events", {"nonsense": True}),
        ("POST", "/v1/dossiers/{}/second-sending", {"nonsense": True}),
        ("POST", "/v1/shipments/{}-S1/finding", {"nonsense": True}),
        ("POST", "/v1/shipments/{}-S1/pickup-record", {"nonsense": True}),
        ("POST", "/v1/shipments/{}-S1/delivery-record", {"nonsense": True}),
        ("GET", "/v1/incidents/{}-I1", None),
        ("POST", "/v1/incidents", {"dossier": "{}"}),
        ("POST", "/v1/orders", {"dossier": "{}"}),
        ("POST", "/v1/orders/transfer", {"dossier": "{}"}),
        ("POST", "/v1/quotes", {"dossier": "{}", "agency": AGENCY}),
        ("POST", "/v1/parcels", {"orders": ["{}-R1"]}),
        ("POST", "/v1/parcels", {"dossiers": ["{}"]}),
        ("POST", "/v1/handovers", {"agency": AGENCY, "orders": ["{}-S1"]}),
        ("POST", "/v1/remittances", {"agency": AGENCY, "lines": [{"order": "{}-R1", "amount_vnd": 1}]}),
        ("GET", "/v1/apologies?dossier={}", None),
        ("GET", "/v1/documents?kind=slip&subject={}-S1", None),
        ("POST", "/v1/documents", {"kind": "slip", "subjects": ["{}-S1"]}),
        ("POST", "/v1/documents", {"kind": "supplement", "subjects": ["{}"]}),
        ("POST", "/v1/documents", {"kind": "nonsense", "subjects": ["{}-S1"]}),
    ],
)
def test_another_agencys_dossier_is_answered_as_one_that_is_not_there(
    caller: Caller, theirs: str, method: str, path: str, body: dict[str, Any] | None
) -> None:
    client = caller()
    answers = []
    for code in (theirs, UNKNOWN):
        sent = None if body is None else httpx.Response(200, json=body).text.replace("{}", code)
        headers = {"Content-Type": "application/json", **new_key()} if sent else {}
        answer = client.request(method, path.format(code), content=sent, headers=headers)
        answers.append(without_names(answer, code))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_an_order_by_its_number_is_answered_as_one_that_is_not_there(
    caller: Caller, web: httpx.Client, desk: TestDesk, code: str
) -> None:
    desk.register(code, agency={"code": OTHER, "name": "Sở Y tế"})
    body = {**order_body(), "dossier": code}
    order: str = web.post("/v1/orders", json=body, headers=new_key()).json()["id"]
    number = web.get(f"/v1/orders/{order}").json()["shipments"][0]["order_number"]
    client, none = caller(), "f" * len(order)
    for method, path in (
        ("GET", "/v1/orders/{}"),
        ("POST", "/v1/orders/{}/cancel"),
        ("POST", "/v1/orders/{}/forward"),
        ("POST", "/v1/orders/{}/operator"),
        ("POST", "/v1/orders/{}/address"),
        ("GET", f"/v1/orders/{{}}/labels/{number}"),
    ):
        there, gone = client.request(method, path.format(order)), client.request(method, path.format(none))
        assert without_names(there, order) == without_names(gone, none)
        assert there.status_code == 404
    assert web.get(f"/v1/orders/{order}").json()["shipments"][0]["state"] == "requested"


def test_a_handover_record_of_another_agency_is_not_there(caller: Caller, web: httpx.Client, theirs: str) -> None:
    form = {"agency": OTHER, "carrier": "vnpost_ngsp", "direction": "to_agency", "orders": [f"{theirs}-S1"]}
    drawn = web.post("/v1/handovers", json=form)
    assert drawn.status_code == 201, drawn.text
    number = drawn.json()["id"]
    client = caller()
    there, gone = (client.post(f"/v1/handovers/{one}/sign", json={"x": 1}) for one in (number, 99999))
    assert without_names(there, f" {number} ") == without_names(gone, " 99999 ")
    problem(there, 404, "unknown-handover")


def test_a_client_does_all_it_may_with_its_own(caller: Caller, mine: str, theirs: str) -> None:
    client = caller()
    assert client.get(f"/v1/dossiers/{mine}").status_code == 200
    placed = client.post("/v1/orders", json={**order_body(), "dossier": mine}, headers=new_key())
    assert placed.status_code == 201, placed.text
    assert client.get(f"/v1/orders/{placed.json()['id']}").status_code == 200
    assert client.post(f"/v1/dossiers/{mine}/events", json=EVENT).status_code == 202
    expected = client.get("/v1/handovers/expected", params={"agency": AGENCY, "direction": "to_agency"})
    assert expected.status_code == 200


def test_a_client_registers_dossiers_of_its_own_agency_alone(caller: Caller, theirs: str, code: str) -> None:
    client = caller()
    assert client.put(f"/v1/dossiers/{code}", json=dossier_body()).status_code == 201
    foreign = client.put(f"/v1/dossiers/{code}", json=dossier_body(agency={"code": OTHER, "name": "Sở Y tế"}))
    problem(foreign, 403, "agency-not-yours")
    problem(client.put(f"/v1/dossiers/{theirs}", json=dossier_body()), 404, "code-not-yours")


@pytest.mark.parametrize(
    "body", [dossier_body(), {"nonsense": True}, dossier_body(agency={"code": OTHER, "name": "Y"})]
)
def test_registering_tells_nobody_which_codes_another_agency_uses(
    caller: Caller, web: httpx.Client, theirs: str, body: dict[str, Any]
) -> None:
    client, free = caller(), f"{OTHER}-991231-9999"
    answers = [client.put(f"/v1/dossiers/{code}", json=body) for code in (theirs, free, "HS-2026-000123")]
    assert len({without_names(one, theirs, free, "HS-2026-000123") for one in answers}) == 1
    problem(answers[0], 404, "code-not-yours")
    assert web.get(f"/v1/dossiers/{theirs}").json()["agency"] == "Sở Y tế"
    assert web.get(f"/v1/dossiers/{free}").status_code == 404


def test_a_dossier_of_ones_own_is_brought_up_to_date_whatever_its_code(caller: Caller, desk: TestDesk) -> None:
    desk.register("HS-2026-000124", agency={"code": AGENCY, "name": "Sở Tư pháp"})
    assert caller().put("/v1/dossiers/HS-2026-000124", json=dossier_body()).status_code == 200


def test_a_client_of_all_agencies_registers_under_any_code(caller: Caller) -> None:
    assert caller(EVERYWHERE).put("/v1/dossiers/HS-2026-000125", json=dossier_body()).status_code == 201


def test_an_agency_that_is_not_ones_own_is_refused(caller: Caller) -> None:
    asked = {"agency": OTHER, "direction": "to_agency"}
    problem(caller().get("/v1/handovers/expected", params=asked), 403, "agency-not-yours")


def test_a_parent_covers_its_offices(caller: Caller, mine: str, theirs: str) -> None:
    client = caller("H14")
    assert [client.get(f"/v1/dossiers/{code}").status_code for code in (mine, theirs)] == [200, 200]
    assert caller("H1").get(f"/v1/dossiers/{mine}").status_code == 404


def test_lists_hold_only_what_is_ones_own(caller: Caller, web: httpx.Client, mine: str, theirs: str) -> None:
    at = "2026-03-02T08:00:00+07:00"
    for code in (mine, theirs):
        report = {
            "report_id": f"report-{code}",
            "dossier": code,
            "kind": "wet",
            "what": "Ướt",
            "at": at,
            "by": "Bưu tá",
        }
        assert web.post("/v1/incidents", json=report).status_code == 201
    everyone = {one["dossier"] for one in web.get("/v1/incidents").json()["incidents"]}
    assert {mine, theirs} <= everyone
    client = caller()
    seen = {one["dossier"] for one in client.get("/v1/incidents").json()["incidents"]}
    assert mine in seen
    assert theirs not in seen
    attention = {one["dossier"] for one in client.get("/v1/attention").json()["items"]}
    assert theirs not in attention
    assert None not in attention
    assert client.get("/v1/apologies").json()["items"] == []


def test_a_postal_operators_client_reports_and_reads_nothing_about_people(caller: Caller, mine: str) -> None:
    partner = caller(role=Role.OPERATOR_PARTNER)
    problem(partner.get(f"/v1/dossiers/{mine}"), 403, "not-allowed")
    problem(partner.put(f"/v1/dossiers/{mine}", json=dossier_body()), 403, "not-allowed")
    problem(partner.post(f"/v1/shipments/{mine}-S1/pickup-record", json={}), 404, "unknown-order")


def test_what_concerns_the_whole_province_is_for_clients_of_the_whole_province(caller: Caller) -> None:
    problem(caller("H14").get("/v1/inbox"), 403, "not-allowed")
    assert caller(EVERYWHERE).get("/v1/inbox").status_code == 200


def test_a_revoked_key_opens_nothing_from_the_next_request_on(caller: Caller, desk: TestDesk, mine: str) -> None:
    client = caller()
    assert client.get(f"/v1/dossiers/{mine}").status_code == 200
    with desk.context.database.write() as session:
        clients.revoke(session, f"client-{next(_NUMBERS) - 1}", COMMAND)
    problem(client.get(f"/v1/dossiers/{mine}"), 401, "unauthorised")


@pytest.mark.parametrize("change", [lambda key: key[:-1], lambda key: key + "x", lambda key: key.replace("_", "-", 1)])
def test_a_key_that_is_not_quite_right_is_wrong(caller: Caller, mine: str, change: Callable[[str], str]) -> None:
    client = caller()
    client.headers["Authorization"] = f"Bearer {change(client.headers['Authorization'].removeprefix('Bearer '))}"
    problem(client.get(f"/v1/dossiers/{mine}"), 401, "unauthorised")


def test_reading_about_people_is_in_the_trail_with_who_and_what(
    caller: Caller, web: httpx.Client, desk: TestDesk, mine: str
) -> None:
    client = caller()
    client.get(f"/v1/dossiers/{mine}", headers={"X-Request-Id": "request-of-mai"})
    web.get(f"/v1/dossiers/{mine}")
    client.get(f"/v1/dossiers/{mine}/deadline")
    with desk.read() as session:
        rows = audit.entries(session, subject=mine)
        assert audit_check.verify(session)[0] is None
    assert [(row.actor_kind, row.action, row.agency) for row in rows] == [("client", "dossier.read", AGENCY)] * 2
    assert rows[0].actor == "one-stop", "a client of the configuration file is named, too"
    assert rows[1].trace == "request-of-mai"


def test_each_printed_document_is_in_the_trail(caller: Caller, web: httpx.Client, desk: TestDesk, mine: str) -> None:
    web.post("/v1/orders", json={**order_body(), "dossier": mine}, headers=new_key())
    numbers = [f"{mine}-S1", f"{mine}-R1"]
    caller().post("/v1/documents", json={"kind": "slip", "subjects": numbers})
    with desk.read() as session:
        printed = [audit.entries(session, subject=number) for number in numbers]
    assert [[(row.action, row.agency) for row in rows] for rows in printed] == [[("document.print", AGENCY)]] * 2
    problem(
        caller().post("/v1/documents", json={"kind": "manifest", "subjects": [f"{OTHER}:ems"]}), 403, "agency-not-yours"
    )


def trail_of(desk: TestDesk, subject: str) -> list[tuple[str, str, str | None]]:
    """Return who did what at which agency, the earliest first."""
    with desk.read() as session:
        assert audit_check.verify(session)[0] is None
        rows = audit.entries(session, subject=subject)
    return [(row.actor, row.action, row.agency) for row in reversed(rows)]


def test_what_a_client_changes_is_in_the_trail_with_who_and_what(
    caller: Caller, web: httpx.Client, desk: TestDesk, code: str
) -> None:
    client, name = caller(), f"client-{next(_NUMBERS) - 1}"
    assert client.put(f"/v1/dossiers/{code}", json=dossier_body()).status_code == 201
    placed = web.post("/v1/orders", json={**order_body(), "dossier": code}, headers=new_key())
    assert client.post(f"/v1/dossiers/{code}/events", json=EVENT).status_code == 202
    order = placed.json()["id"]
    address = {"address": order_body()["address"]}
    assert client.post(f"/v1/orders/{order}/address", json=address).status_code == 200
    assert client.post(f"/v1/orders/{order}/cancel").status_code == 202
    assert trail_of(desk, code) == [
        (name, "dossier.registered", AGENCY),
        ("one-stop", "order.placed", AGENCY),
        (name, "dossier.event", AGENCY),
    ]
    assert trail_of(desk, order) == [(name, "order.readdressed", AGENCY), (name, "order.cancelled", AGENCY)]


def test_everything_that_a_change_names_is_found_in_the_trail(web: httpx.Client, desk: TestDesk, mine: str) -> None:
    web.post("/v1/orders", json={**order_body(), "dossier": mine}, headers=new_key())
    form = {"agency": AGENCY, "carrier": "vnpost_ngsp", "direction": "to_agency", "orders": [f"{mine}-S1"]}
    assert web.post("/v1/handovers", json=form).status_code == 201
    assert trail_of(desk, f"{mine}-S1") == [("one-stop", "handover.drawn-up", AGENCY)]
    assert trail_of(desk, AGENCY) == []


def test_what_was_refused_changed_nothing_and_is_not_in_the_trail(
    caller: Caller, web: httpx.Client, desk: TestDesk, mine: str, theirs: str
) -> None:
    before = trail_of(desk, theirs)
    assert web.put(f"/v1/dossiers/{UNKNOWN}", json=dossier_body(filed_at="2030-01-01T08:00:00+07:00")).is_client_error
    assert web.post(f"/v1/dossiers/{UNKNOWN}/events", json=EVENT).status_code == 404
    assert caller().post(f"/v1/dossiers/{theirs}/events", json=EVENT).status_code == 404
    assert (trail_of(desk, UNKNOWN), trail_of(desk, theirs)) == ([], before)


def test_a_finding_about_an_order_that_is_being_worked_on_was_not_taken_and_is_not_in_the_trail(
    web: httpx.Client, desk: TestDesk, mine: str
) -> None:
    number = in_doubt(desk, mine)
    with desk.context.database.write() as session:
        get_shipment(session, number).lease_until = desk.clock.now() + timedelta(minutes=1)
    problem(
        web.post(f"/v1/shipments/{number}/finding", json={"held": True, "waybill": "17000000001"}),
        409,
        "being-worked-on",
    )
    assert trail_of(desk, number) == []


def test_a_delivery_of_an_operator_is_in_the_inbox_and_not_in_the_trail(web: httpx.Client, desk: TestDesk) -> None:
    with desk.read() as session:
        before = audit_check.end(session)
    assert web.post("/webhooks/vnpost_ngsp/nobodys", json={}).is_client_error
    with desk.read() as session:
        assert audit_check.end(session) == before


UNCHANGING = {
    ("POST", "/v1/quotes"),  # tells a price
    ("PUT", "/v1/procedures/{code}/checklist"),  # no dossier's, and kept with who published it
}


def test_every_door_that_changes_something_says_how_the_trail_calls_it() -> None:
    silent = {key for key, door in DOORS.items() if key[0] != "GET" and not (door.changes or door.reads)}
    assert silent == UNCHANGING
    assert not [key for key, door in DOORS.items() if door.changes and (key[0] == "GET" or door.reads)]


def test_what_was_not_there_was_not_read(web: httpx.Client, desk: TestDesk) -> None:
    assert web.get(f"/v1/dossiers/{UNKNOWN}").status_code == 404
    with desk.read() as session:
        assert audit.entries(session, subject=UNKNOWN) == []


def test_every_door_is_in_the_list_and_the_list_has_no_other(desk: TestDesk) -> None:
    def asks(route: APIRoute) -> bool:
        seen, open_ = [], [route.dependant]
        while open_:
            seen.append(open_[0].call)
            open_ += open_.pop(0).dependencies
        return known_client in seen

    routes = [route for part in _PARTS for route in part.router.routes if isinstance(route, APIRoute) and asks(route)]
    assert {(method, route.path_format) for route in routes for method in route.methods or ()} == set(DOORS)


def test_a_door_looks_at_something_or_says_why_not() -> None:
    for (method, path), door in DOORS.items():
        looks = ("{" in path and not path.startswith("/v1/procedures")) or door.body or door.documents
        harmless = (method, path) == ("GET", "/v1/procedures/{code}/checklist")
        assert looks or door.everywhere or door.narrowed or harmless, f"{method} {path}"


@pytest.mark.parametrize("name", ["\\ud800", "\\u0000", "A\\udfffB"])
@pytest.mark.parametrize("anywhere", [True, False], ids=["for-all", "for-one"])
def test_a_name_that_no_database_takes_is_nothings(caller: Caller, name: str, anywhere: bool) -> None:
    who = caller(EVERYWHERE) if anywhere else caller()
    bodies = {
        "/v1/documents": f'{{"kind": "label", "subjects": ["{name}"]}}',
        "/v1/orders": f'{{"dossier": "{name}", "service": "both"}}',
        "/v1/handovers": f'{{"agency": "{name}", "orders": ["{name}"]}}',
        "/v1/incidents": f'{{"dossier": "{name}"}}',
    }
    for path, body in bodies.items():
        answer = who.post(path, content=body, headers={**new_key(), "Content-Type": "application/json"})
        assert answer.status_code in (403, 404, 422), answer.text
