from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from tests.support.desk import MONDAY, TestDesk
from worker.metrics import render


def figures(desk: TestDesk) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and label values."""
    families = text_string_to_metric_families(render(desk.runtime).decode())
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_an_empty_desk_has_no_shipments_and_counts_its_lanes(desk: TestDesk) -> None:
    assert {key: value for key, value in figures(desk).items() if value} == {("postal_backlog_rows", "polling"): 1}


def test_the_figures_follow_a_shipment_from_order_to_delivery(desk: TestDesk) -> None:
    desk.register()
    (number,) = desk.order("send")
    assert figures(desk)["postal_shipments", "vnpost_ngsp", "requested"] == 1
    desk.work()
    assert figures(desk)["postal_shipments", "vnpost_ngsp", "booked"] == 1
    desk.report(number, 4, MONDAY)
    desk.poll()
    after = figures(desk)
    assert after["postal_shipments", "vnpost_ngsp", "delivered"] == 1
    assert after["postal_inbox_deliveries", "carrier:vnpost-province", "applied"] == 2
    assert ("postal_shipments", "vnpost_ngsp", "requested") not in after


def test_an_order_the_operator_refuses_is_counted_for_a_person(desk: TestDesk) -> None:
    desk.register()
    desk.report("H14.10-999999-0001-S1", 4, MONDAY)
    desk.work()
    assert figures(desk)["postal_attention_items", "delivery-parked"] == 1
    assert figures(desk)["postal_inbox_deliveries", "carrier:vnpost-province", "parked"] == 1
