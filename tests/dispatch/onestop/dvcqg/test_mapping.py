"""What the portal is told of a dossier, field by field, for any dossier that there can be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import VIETNAM
from dispatch.onestop.dvcqg import mapping
from dispatch.onestop.standing import Hands, Stage, Standing, Step, Supplement

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=VIETNAM)
ACCEPTED = Standing(
    code="H14.10-260302-0001",
    stage=Stage.ACCEPTED,
    source_system="igate",
    owner="us",
    procedure_code="1.004859",
    procedure_name="Thay đổi, cải chính, bổ sung thông tin hộ tịch",
    agency_code="H14.10",
    agency_name="Sở Tư pháp",
    applicant_name="Bế Đức Hiếu",
    applicant_phone="+84919393275",
    applicant_email=None,
    id_number="004412799013",
    fee_vnd=25000,
    filed_at=MONDAY,
    accepted_at=MONDAY + timedelta(hours=2),
    due=MONDAY + timedelta(days=3, hours=9),
    revision=1,
    finished_at=None,
    returned_at=None,
    sent_by_post=True,
    returned_by_post=True,
)

instants = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis puts the zone on itself
steps = st.builds(
    Step, instants, st.text(max_size=2000), st.sampled_from(Hands), st.sampled_from(Stage), st.none() | instants
)
supplements = st.builds(
    Supplement, instants, st.text(max_size=2000), st.none() | instants, st.none() | instants, st.none() | instants
)
standings = st.builds(
    replace,
    st.just(ACCEPTED),
    stage=st.sampled_from(Stage),
    owner=st.sampled_from(("us", "source")),
    procedure_name=st.text(min_size=1, max_size=300),
    id_number=st.none() | st.from_regex(r"\d{9}|\d{12}", fullmatch=True),
    due=st.none() | instants,
    finished_at=st.none() | instants,
    returned_at=st.none() | instants,
    sent_by_post=st.booleans(),
    returned_by_post=st.booleans(),
    supplements=st.lists(supplements, max_size=3).map(tuple),
    steps=st.lists(steps, max_size=12).map(tuple),
)


def fields_of(standing: Standing, **more: Any) -> dict[str, Any]:
    return mapping.dossier_fields(standing, channel="1", **more)


def test_a_dossier_that_came_by_post_and_whose_result_goes_by_post() -> None:
    assert fields_of(ACCEPTED) == {
        "MaHoSo": "H14.10-260302-0001",
        "MaTTHC": "1.004859",
        "TenTTHC": "Thay đổi, cải chính, bổ sung thông tin hộ tịch",
        "KenhThucHien": "3",
        "ChuHoSo": "Bế Đức Hiếu",
        "LoaiDoiTuong": "1",
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "004412799013"}],
        "Email": "",
        "SoDienThoai": "0919393275",
        "TrichYeuHoSo": "Thay đổi, cải chính, bổ sung thông tin hộ tịch",
        "NgayNopHoSo": "20260302080000",
        "NgayTiepNhan": "20260302100000",
        "NgayHenTra": "20260305170000",
        "NgayKetThucXuLy": "",
        "NgayTra": "",
        "TrangThaiHoSo": "4",
        "HinhThuc": "1",
        "DonViXuLy": "Sở Tư pháp",
        "DanhSachHoSoBoSung": [],
    }


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        (Stage.FILED, "1"),
        (Stage.ACCEPTED, "4"),
        (Stage.SUPPLEMENT, "5"),
        (Stage.PAYMENT, "6"),
        (Stage.WITHDRAWN, "7"),
        (Stage.SUSPENDED, "4"),
        (Stage.FINISHED, "9"),
        (Stage.RETURNED, "10"),
    ],
)
def test_each_stage_has_its_national_code(stage: Stage, code: str) -> None:
    assert fields_of(replace(ACCEPTED, stage=stage))["TrangThaiHoSo"] == code


def test_a_supplement_carries_the_due_date_before_and_after_it() -> None:
    asked = Supplement(MONDAY, "Thiếu giấy khai sinh", MONDAY + timedelta(days=1), MONDAY, MONDAY + timedelta(days=4))
    (row,) = fields_of(replace(ACCEPTED, supplements=(asked,)))["DanhSachHoSoBoSung"]
    assert (row["NgayHenTraTruoc"], row["NgayHenTraMoi"]) == ("20260302080000", "20260306080000")
    assert (row["NoiDungBoSung"], row["NgayTiepNhanBoSung"]) == ("Thiếu giấy khai sinh", "20260303080000")


def test_where_a_ministry_owns_the_due_date_none_is_named_and_none_is_wiped_out() -> None:
    asked = Supplement(MONDAY, "Thiếu giấy khai sinh", None, MONDAY, None)
    fields = fields_of(replace(ACCEPTED, owner="source", supplements=(asked,)))
    assert "NgayHenTra" not in fields
    assert not {"NgayHenTraTruoc", "NgayHenTraMoi"} & fields["DanhSachHoSoBoSung"][0].keys()


def test_while_the_clock_stands_still_the_portals_date_is_taken_away() -> None:
    assert fields_of(replace(ACCEPTED, stage=Stage.SUPPLEMENT, due=None))["NgayHenTra"] == ""


def test_an_identity_card_of_nine_digits_is_of_its_kind_and_no_number_is_made_up() -> None:
    assert fields_of(replace(ACCEPTED, id_number="123456789"))["DinhDanhCHS"][0]["LoaiDinhDanh"] == "2"
    assert fields_of(replace(ACCEPTED, id_number=None))["DinhDanhCHS"] == []


def test_a_sector_and_fixed_fields_come_from_the_configuration() -> None:
    fields = fields_of(ACCEPTED, sector=("G01-HT", "Hộ tịch"), fixed={"NoiNopHoSo": "2", "LoaiDoiTuong": "2"})
    assert (fields["MaLinhVuc"], fields["TenLinhVuc"]) == ("G01-HT", "Hộ tịch")
    assert (fields["NoiNopHoSo"], fields["LoaiDoiTuong"]) == ("2", "2")


def test_the_reception_is_a_step_of_its_own_code() -> None:
    step = Step(ACCEPTED.filed_at + timedelta(hours=2), "Tiếp nhận hồ sơ", Hands.AGENCY, Stage.ACCEPTED, ACCEPTED.due)
    row = mapping.progress_row(ACCEPTED, step)
    assert row["TrangThai"] == "2"
    assert (row["NguoiXuLy"], row["ThoiDiemXuLy"]) == ("Sở Tư pháp", "20260302100000")
    assert row["NgayKetThucTheoQuyDinh"] == "20260305170000"


def test_another_countrys_phone_stays_international() -> None:
    assert mapping.national_phone("+85620123456") == "+85620123456"


@given(standings)
def test_any_dossier_is_told_in_the_portals_forms(standing: Standing) -> None:
    fields = fields_of(standing)
    rows = [mapping.progress_row(standing, step) for step in standing.steps]
    for part in (fields, *fields["DanhSachHoSoBoSung"], *rows):
        for name, value in part.items():
            if name.startswith(("Ngay", "ThoiDiem")):
                assert value == "" or (len(value) == 14 and value.isdigit())
    assert len(fields["TrichYeuHoSo"]) <= 1000
    assert 1 <= int(fields["TrangThaiHoSo"]) <= 10
    assert (fields["KenhThucHien"] == "3") is standing.sent_by_post
    assert (fields["HinhThuc"] == "1") is standing.returned_by_post
    assert ("NgayHenTra" in fields) is (standing.owner == "us")


@given(standings)
def test_the_digest_tells_the_content_and_nothing_else(standing: Standing) -> None:
    fields = fields_of(standing)
    turned = dict(reversed(fields.items()))
    assert mapping.digest_of(fields) == mapping.digest_of(turned)
    assert mapping.digest_of(fields) != mapping.digest_of({**fields, "TrangThaiHoSo": "8"})


@given(instants)
def test_a_time_comes_back_as_it_went_to_the_second(instant: datetime) -> None:
    assert mapping.read_time(mapping.wire_time(instant)) == instant.replace(microsecond=0)


@given(steps, st.none() | instants)
def test_a_step_is_the_same_step_whatever_becomes_of_the_due_date(step: Step, due: datetime | None) -> None:
    assert mapping.step_digest(step) == mapping.step_digest(replace(step, due=due))


@pytest.mark.parametrize(
    ("by_post", "told", "channel"),
    [
        (True, "online", "3"),
        (False, "online", "2"),
        (False, "counter", "1"),
        (False, None, "9"),
    ],
)
def test_the_channel_is_the_post_or_what_was_told_or_the_provinces(
    by_post: bool, told: str | None, channel: str
) -> None:
    standing = replace(ACCEPTED, sent_by_post=by_post, filed_through=told)
    assert mapping.dossier_fields(standing, channel="9")["KenhThucHien"] == channel


def test_every_state_that_we_send_is_read_as_open_or_ended_and_a_stranger_as_neither() -> None:
    ended = {Stage.WITHDRAWN, Stage.FINISHED, Stage.RETURNED}
    assert {stage: mapping.is_ended(state) for stage, state in mapping.STATES.items()} == {
        stage: stage in ended for stage in Stage
    }
    assert [mapping.is_ended(state) for state in ("2", "3", "8", "11", "")] == [False, True, True, None, None]
