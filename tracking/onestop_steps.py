"""What happened to a dossier, step by step, in words that may stand on a public portal.

Only what the citizen is told anyway: no names of officers or postmen, no notes between offices. The words of a step
follow from its fact alone, and not from dates that a later fact may move.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from carriers.states import ShipmentState
from dispatch.dossiers import Dossier
from dispatch.onestop.standing import Hands, Stage, Step
from dispatch.shipments import Leg, Shipment
from dispatch.supplement_form import SupplementForm
from tracking.deadlines.clock import ClockState, Happening
from tracking.deadlines.ledger import Ledger, LedgerLine
from tracking.deadlines.rules import RuleId

_SUSPENDED: Mapping[str, tuple[str, Stage]] = {
    RuleId.SUPPLEMENT_REQUEST: ("Yêu cầu bổ sung giấy tờ", Stage.SUPPLEMENT),
    RuleId.PAUSE_FINANCIAL: ("Yêu cầu thực hiện nghĩa vụ tài chính", Stage.PAYMENT),
}
_MOVED = {
    Happening.STARTED: "Tiếp nhận hồ sơ",
    Happening.RESTARTED: "Tiếp nhận giấy tờ bổ sung, tính lại thời hạn",
    Happening.RESUMED: "Tiếp tục giải quyết hồ sơ",
    Happening.EXTENDED: "Gia hạn thời gian giải quyết",
    Happening.RECALENDARED: "Thay đổi ngày hẹn trả theo lịch làm việc mới",
}
_CORRECTED = {
    ClockState.NOT_STARTED: Stage.FILED,
    ClockState.RUNNING: Stage.ACCEPTED,
    ClockState.SUSPENDED: Stage.SUSPENDED,
    ClockState.STOPPED: Stage.FINISHED,
}
_COLLECTED = {
    Leg.SEND: "Bưu điện đã nhận hồ sơ từ người nộp",
    Leg.RETURN: "Bưu điện đã nhận kết quả để trả cho người nộp",
}


def steps_of(
    dossier: Dossier,
    ledger: Ledger,
    shipments: list[Shipment],
    refusals: list[SupplementForm],
    returned_at: datetime | None,
    *,
    ours: bool,
) -> tuple[Step, ...]:
    """Return the steps in the order in which they happened; ``ours``: whether the due date is ours to tell."""
    agency = [
        Step(dossier.filed_at, "Nộp hồ sơ", Hands.CITIZEN, Stage.FILED, None),
        *(_refusal(form) for form in refusals),
        *(step for line in ledger.lines if (step := _of_clock(line, ours=ours)) is not None),
    ]
    agency.sort(key=lambda step: step.at)
    steps = [*agency, *(Step(at, what, Hands.POST, _stage_at(at, agency), None) for at, what in _by_post(shipments))]
    if returned_at is not None:
        steps.append(_returned(shipments, returned_at))
    return tuple(sorted(steps, key=lambda step: step.at))


def _stage_at(at: datetime, agency: list[Step]) -> Stage:
    """Return how far the agency had come at a moment: the post moves papers and no stage."""
    return next((step.stage for step in reversed(agency) if step.at <= at), Stage.FILED)


def _of_clock(line: LedgerLine, *, ours: bool) -> Step | None:
    """Return what a fact is to the citizen; None for what moved nothing or was struck out."""
    due = line.due_after if ours else None
    if line.happening is Happening.SUSPENDED:
        what, stage = _SUSPENDED.get(line.fact.rule, ("Tạm dừng giải quyết hồ sơ", Stage.SUSPENDED))
        return Step(line.fact.at, _with_reason(what, line), Hands.AGENCY, stage, due)
    if line.happening is Happening.STOPPED:
        if line.fact.rule == RuleId.STOP_WITHDRAWN:
            return Step(line.fact.at, "Người nộp rút hồ sơ", Hands.CITIZEN, Stage.WITHDRAWN, due)
        return Step(line.fact.at, "Đã có kết quả giải quyết", Hands.AGENCY, Stage.FINISHED, due)
    if line.happening is Happening.CORRECTED:  # what was struck out may stand on the portal already
        what = _with_reason("Đính chính thông tin đã cập nhật", line)
        return Step(line.fact.at, what, Hands.AGENCY, _CORRECTED[line.state], due)
    if line.happening not in _MOVED:
        return None
    return Step(line.fact.at, _with_reason(_MOVED[line.happening], line), Hands.AGENCY, Stage.ACCEPTED, due)


def _with_reason(what: str, line: LedgerLine) -> str:
    return f"{what}: {line.fact.reason}" if line.fact.reason else what


def _refusal(form: SupplementForm) -> Step:
    what = f"Chưa tiếp nhận, yêu cầu bổ sung hồ sơ: {form.reason or '; '.join(form.items)}"
    return Step(form.issued_at, what, Hands.AGENCY, Stage.SUPPLEMENT, None)


def _by_post(shipments: list[Shipment]) -> Iterator[tuple[datetime, str]]:
    for shipment in shipments:
        if shipment.collected_at is not None and shipment.leg in _COLLECTED:
            yield shipment.collected_at, _COLLECTED[shipment.leg]
        arrived = shipment.leg is Leg.SEND and shipment.state == ShipmentState.DELIVERED
        if arrived and shipment.delivered_at is not None:
            yield shipment.delivered_at, "Bưu điện đã chuyển hồ sơ đến cơ quan"


def _returned(shipments: list[Shipment], at: datetime) -> Step:
    by_post = any(one.leg is Leg.RETURN and one.delivered_at == at for one in shipments)
    if by_post:
        return Step(at, "Bưu điện đã trả kết quả cho người nộp", Hands.POST, Stage.RETURNED, None)
    return Step(at, "Người nộp đã nhận kết quả tại bộ phận một cửa", Hands.AGENCY, Stage.RETURNED, None)
