"""An agency that can send with two operators: orders go from one to the other, and results that are back by either."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.board import Colleague
from tests.support.desk import CARRIER, TestDesk, opened_desk
from tests.support.operators import joined
from tests.worker.web.board.cases import result_at_the_counter
from tests.worker.web.board.conftest import As
from worker.access import audit
from worker.access.roles import Role

GIVEN = {"carrier": "viettelpost", "reason": "bưu tá không đến"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    with opened_desk(tmp_path_factory.mktemp("desk")) as desk, joined(desk, "viettelpost"):
        yield desk


def noted(desk: TestDesk, subject: str) -> list[str]:
    with desk.read() as session:
        return [entry.action for entry in audit.entries(session, subject=subject)]


def test_an_order_that_nobody_fetches_goes_to_another_operator(
    desk: TestDesk, officer: Colleague, registered: str
) -> None:
    number = desk.order("send", dossier=registered, carrier=CARRIER)[0]
    path = f"/board/shipments/{number}/operator"
    assert f'href="{path}"' in officer.page(f"/board/dossiers/{registered}")
    page = officer.page(path)
    assert '<option value="viettelpost"' in page
    assert f'<option value="{CARRIER}"' not in page
    first, second = (officer.send(page, path, **GIVEN) for _ in range(2))
    assert "then it goes to the other operator by itself" in first.text
    assert f'data-taken="operator-{number}"' in first.text
    assert "Nothing was changed" in second.text
    assert desk.shipment(f"{registered}-S2").carrier == "viettelpost"
    assert noted(desk, number) == ["order.given-away"]


def test_what_stands_against_another_operator_is_said_in_words_of_the_desk(
    desk: TestDesk, officer: Colleague, colleague: As, registered: str
) -> None:
    number = desk.order("send", dossier=registered, carrier=CARRIER)[0]
    path = f"/board/shipments/{number}/operator"
    page = officer.page(path)
    for wrong in ({"carrier": ""}, {"reason": " "}, {"carrier": "nobody"}):
        answer = officer.send(page, path, **{**GIVEN, **wrong})
        assert answer.status_code == 422
        assert f'id="wrong-{next(iter(wrong))}"' in answer.text
        assert "carrier_accounts" not in answer.text
    assert colleague(Role.CLERK).get(path).status_code == 403
    assert colleague(Role.OFFICER, "H14.99").get(path).status_code == 404
    desk.work()
    desk.report(number, 2)
    desk.poll()
    assert "It stays with its operator" in officer.page(path)
    assert "Nothing was changed" in officer.send(page, path, **GIVEN).text
    assert f'href="{path}"' not in officer.page(f"/board/dossiers/{registered}")


def test_a_result_that_is_back_goes_out_by_whichever_operator_is_chosen(
    desk: TestDesk, officer: Colleague, registered: str
) -> None:
    back = result_at_the_counter(desk, registered)
    path = f"/board/dossiers/{registered}/second-sending"
    page = officer.page(path)
    assert '<option value="viettelpost"' in page
    goal = {
        "name": "Bế Đức Hiếu",
        "phone": "84919393275",
        "address": "Tổ 5, Xã Xuân Trường, tỉnh Cao Bằng",
        "era": "new2",
    }
    chosen = {"payer": "citizen", "reason": "vắng nhà", "carrier": "viettelpost", "after": back}
    assert "The result goes out once more" in officer.send(page, path, **goal, **chosen).text
    assert desk.shipment(f"{registered}-R2").carrier == "viettelpost"
