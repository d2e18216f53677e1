"""What an iGate dossier says, in our own forms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.forms import DossierEventForm, DossierForm, OrderForm
from dispatch.onestop.contract import NotADossierError, Statement
from dispatch.onestop.igate.happenings import DOSSIER, SEEN, WAITED
from dispatch.onestop.igate.mapping import understand
from dispatch.onestop.igate.settings import IgateSettings
from dispatch.onestop.igate.simulator.office import written
from dispatch.onestop.igate.simulator.samples import BY_POST, sample_dossier, status
from tests.support.desk import MONDAY
from tests.support.igate import OPTIONS

NOW = MONDAY + timedelta(hours=1)
SETTINGS = IgateSettings.model_validate(OPTIONS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def options(**more: Any) -> IgateSettings:
    return IgateSettings.model_validate({**OPTIONS, **more})


def said(
    document: dict[str, Any], waited: dict[str, str] | None = None, settings: IgateSettings = SETTINGS
) -> list[Statement]:
    raw: dict[str, Any] = {DOSSIER: document, SEEN: written(NOW)}
    return list(understand({**raw, WAITED: [waited]} if waited else raw, settings, "igate"))


def events(statements: list[Statement]) -> list[tuple[str, str]]:
    forms = [DossierEventForm.model_validate(one.body) for one in statements if one.kind == "event"]
    return [(form.type.value, f"{form.at.astimezone(MONDAY.tzinfo):%H:%M}") for form in forms]


def refused(document: dict[str, Any], settings: IgateSettings = SETTINGS) -> str:
    with pytest.raises(NotADossierError) as refusal:
        said(document, settings=settings)
    return str(refusal.value)


def test_a_dossier_at_the_counter_is_registered_and_accepted() -> None:
    statements = said(sample_dossier(1, MONDAY))
    assert [one.kind for one in statements] == ["dossier", "event"]
    form = DossierForm.model_validate(statements[0].body)
    assert (form.procedure.code, form.procedure.name) == ("1.004859", "Thay đổi, cải chính, bổ sung thông tin hộ tịch")
    assert (form.procedure.time_limit.amount, form.procedure.time_limit.unit) == (3, "working_days")
    assert (form.agency.code, form.agency.name) == ("H14.10", "Sở Tư pháp")
    assert (form.applicant.name, form.applicant.phone) == ("Nông Văn Sình", "+84912000001")
    assert [(one.name, one.originals, one.copies) for one in form.papers] == [
        ("Tờ khai", 1, 0),
        ("Giấy khai sinh", 0, 1),
    ]
    assert (form.fee_vnd, form.filed_at) == (25000, MONDAY - timedelta(hours=3))
    assert events(statements) == [("accepted", "06:00")]


def test_a_result_that_goes_by_post_is_ordered_to_where_the_citizen_said() -> None:
    place = {"fullAddress": "Xóm Nà Lẹng, Xã Quảng Hòa", "name": "Lý Thị Sao", "phoneNumber": "0912345678"}
    (order,) = [
        one
        for one in said(sample_dossier(1, MONDAY, dossierReceivingKind=BY_POST, receivingPlace=place))
        if one.kind == "order"
    ]
    form = OrderForm.model_validate(order.body)
    assert (form.service, form.address.text) == ("receive", "Xóm Nà Lẹng, Xã Quảng Hòa")
    assert form.contact is not None
    assert form.contact.phone == "+84912345678"


def test_without_a_place_the_result_goes_to_the_applicants_home() -> None:
    (order,) = [one for one in said(sample_dossier(1, MONDAY, dossierReceivingKind=BY_POST)) if one.kind == "order"]
    assert order.body["address"] == {"text": "Tổ 2, Phường Thục Phán, Tỉnh Cao Bằng"}
    assert "contact" not in order.body


def test_nothing_is_ordered_of_the_post_for_a_dossier_that_is_over() -> None:
    over = sample_dossier(1, MONDAY, dossierReceivingKind=BY_POST, dossierStatus=status(5))
    assert "order" not in {one.kind for one in said(over)}


def test_a_supplement_begins_with_its_task_and_says_so_in_every_version_alike() -> None:
    waiting = sample_dossier(
        1, MONDAY, dossierStatus=status(1), currentTask=[{"id": "t", "createdDate": written(MONDAY)}]
    )
    first = said(waiting)
    later = said({**waiting, "updatedDate": written(NOW)}, {"status": "supplement", "since": MONDAY.isoformat()})
    assert events(first) == [("accepted", "06:00"), ("supplement_requested", "08:00")]
    assert [one for one in first if one.kind == "event"] == [one for one in later if one.kind == "event"]


def test_a_supplement_ends_when_the_dossier_is_worked_on_again() -> None:
    ended = (MONDAY + timedelta(minutes=30)).isoformat()
    told = events(
        said(sample_dossier(1, MONDAY), {"status": "supplement", "since": MONDAY.isoformat(), "ended": ended})
    )
    assert told == [("accepted", "06:00"), ("supplement_requested", "08:00"), ("supplement_completed", "08:30")]


def test_a_stop_is_a_pause_until_work_goes_on_because_nobody_has_said_that_it_is_the_end() -> None:
    stopped = sample_dossier(1, MONDAY, dossierStatus=status(3))
    assert events(said(stopped))[-1] == ("suspended", "06:00")
    over = {"status": "stopped", "since": MONDAY.isoformat(), "ended": NOW.isoformat()}
    going = events(said(sample_dossier(1, MONDAY), over))
    assert going[-1][0] == "resumed"


def test_a_result_is_ready_when_igate_says_it_was_completed() -> None:
    ready = sample_dossier(1, MONDAY, dossierStatus=status(4), completedDate=written(MONDAY - timedelta(minutes=10)))
    handed_out = {**ready, "dossierStatus": status(5), "updatedDate": written(NOW)}
    assert events(said(ready))[-1] == ("result_ready", "07:50")
    assert [one for one in said(ready) if one.kind == "event"] == [
        one for one in said(handed_out) if one.kind == "event"
    ]


def test_a_withdrawal_during_a_supplement_completes_nothing() -> None:
    gone = sample_dossier(1, MONDAY, dossierStatus=status(6))
    told = [kind for kind, _ in events(said(gone, {"status": "supplement", "since": MONDAY.isoformat()}))]
    assert told == ["accepted", "supplement_requested", "withdrawn"]


def test_names_in_national_use_are_understood_without_any_configuration() -> None:
    named = sample_dossier(1, MONDAY, dossierStatus={"id": 99, "name": "Yêu cầu bổ sung giấy tờ"})
    assert events(said(named, settings=options(statuses={})))[-1][0] == "supplement_requested"


def test_national_codes_are_understood_where_the_configuration_says_so() -> None:
    numbered = sample_dossier(1, MONDAY, dossierStatus=9, completedDate=written(MONDAY))
    assert events(said(numbered, settings=options(statuses="national")))[-1] == ("result_ready", "08:00")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"dossierStatus": {"id": 17, "name": "Chờ ký số"}, "dossierTaskStatus": None}, "options.statuses"),
        ({"dossierReceivingKind": {"id": "x", "name": "Nhận tại nhà"}}, "options.receiving_kinds"),
        ({"code": None}, "code is missing"),
        ({"appliedDate": "hôm qua"}, "appliedDate"),
        ({"appliedDate": None}, "appliedDate is missing"),
        ({"dossierFormFile": None}, "options.unlisted_papers"),
        ({"dossierFee": [{"price": 1}]}, "options.fee_field"),
        ({"applicant": {"data": {"fullname": "Bế Thị Lìn", "phoneNumber": "0163 555 1234"}}}, "phone"),
        ({"applicant": {}}, "applicant's name"),
        ({"procedureProcessDefinition": {}}, "processingTime"),
        ({"agency": {}}, "agency"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_next_step(fields: dict[str, Any], told: str) -> None:
    words = refused(sample_dossier(1, MONDAY, **fields))
    assert told in words
    assert "iGate" in words or "options." in words


def test_an_unusable_phone_number_is_not_repeated_in_the_refusal() -> None:
    person = {"data": {"fullname": "Bế Thị Lìn", "phoneNumber": "0163 555 1234"}}
    assert "555" not in refused(sample_dossier(1, MONDAY, applicant=person))


def test_a_passport_is_no_identity_number_and_no_reason_to_refuse() -> None:
    person = {"data": {"fullname": "Bế Thị Lìn", "phoneNumber": "0912345678", "identityNumber": "B1234567"}}
    form = DossierForm.model_validate(said(sample_dossier(1, MONDAY, applicant=person))[0].body)
    assert form.applicant.id_number is None


def test_a_time_without_a_zone_is_vietnams() -> None:
    form = DossierForm.model_validate(said(sample_dossier(1, MONDAY, appliedDate="2026-03-02T05:00:00.000"))[0].body)
    assert form.filed_at == MONDAY - timedelta(hours=3)


@pytest.mark.parametrize(
    ("time", "unit", "sheet", "limit"),
    [
        (8, "h", "Ngày làm việc", (8, "working_hours")),
        (0.5, "d", "Ngày làm việc", (4, "working_hours")),
        (20, "d", "Ngày thường", (20, "calendar_days")),
    ],
)
def test_time_limits(time: float, unit: str, sheet: str, limit: tuple[int, str]) -> None:
    process = {"processingTime": time, "processingTimeUnit": unit, "timesheet": {"id": "s", "name": sheet}}
    document = sample_dossier(1, MONDAY, procedureProcessDefinition={"processDefinition": process})
    form = DossierForm.model_validate(
        said(document, settings=options(timesheets={"Ngày thường": "calendar_days"}))[0].body
    )
    assert (form.procedure.time_limit.amount, form.procedure.time_limit.unit) == limit


@given(raw=JSON)
def test_any_json_value_is_a_dossier_or_refused(raw: Any) -> None:
    with pytest.raises(NotADossierError):
        understand(raw, SETTINGS, "igate")


@given(name=st.sampled_from(sorted(sample_dossier(1, MONDAY))), value=JSON, waited=JSON)
def test_any_value_in_any_field_is_understood_or_refused(name: str, value: Any, waited: Any) -> None:
    document = sample_dossier(1, MONDAY, **{name: value})
    raw = {DOSSIER: document, SEEN: written(NOW), WAITED: waited}
    try:
        assert understand(raw, SETTINGS, "igate") == understand(raw, SETTINGS, "igate")
    except NotADossierError as error:
        assert str(error)
