import subprocess
import sys
from unicodedata import combining, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.addresses import AmbiguousAddress, Candidate, Confidence, UnknownAddress, resolve_address
from dispatch.gazetteer import Era, Place, register
from dispatch.place_names import LONGEST_NAME, split

CAO_BANG = "04"
PLACES = list(register().all())
NEW_HERE = [p for p in PLACES if p.era == "new2" and p.today[0].province_code == CAO_BANG]
OLD_HERE = [p for p in PLACES if p.era == "legacy3" and p.today[0].province_code == CAO_BANG]
HERE = NEW_HERE + OLD_HERE
ERAS: list[Era | None] = ["new2", "legacy3", None]


def full_address(place: Place) -> str:
    return ", ".join(unit.full for unit in (place.commune, place.district, place.provinces[0]) if unit)


def without_accents(text: str) -> str:
    bare = "".join(char for char in normalize("NFD", text) if not combining(char))
    return bare.replace("đ", "d").replace("Đ", "D")


def asked(text: str, era: Era | None = None) -> AmbiguousAddress:
    with pytest.raises(AmbiguousAddress) as question:
        resolve_address(text, era)
    return question.value


def meanings(question: AmbiguousAddress) -> set[tuple[str | None, str]]:
    return {(candidate.old_district, candidate.new_commune) for candidate in question.candidates}


# The register


def test_the_register_holds_all_units_of_both_eras() -> None:
    new = [place for place in PLACES if place.era == "new2"]
    assert (len(new), len({place.today[0].province_code for place in new})) == (3321, 34)
    assert (len(PLACES) - len(new), len(NEW_HERE), len(OLD_HERE)) == (10040, 56, 161)
    assert all(place.today for place in PLACES)


def test_no_name_is_longer_than_what_is_looked_for() -> None:
    assert max(len(split(name.full)) for place in PLACES for name in (place.commune, *place.provinces)) <= LONGEST_NAME


def test_the_register_is_read_without_loading_what_it_was_packaged_with() -> None:
    check = (
        "import sys; from dispatch.gazetteer import register; register(); "
        "sys.exit(bool({'vietnamadminunits', 'numpy', 'shapely', 'geopy', 'sqlalchemy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_every_new_commune_of_the_country_is_found_by_its_full_address() -> None:
    for place in PLACES:
        if place.era == "new2":
            found = resolve_address(full_address(place), "new2")
            assert (found.commune_code, found.confidence) == (place.today[0].code, Confidence.EXACT)


def test_every_old_commune_of_the_country_is_found_by_its_full_address_or_asked_about_if_it_was_divided() -> None:
    divided = 0
    for place in PLACES:
        if place.era == "legacy3" and len(place.today) == 1:
            assert resolve_address(full_address(place), "legacy3").commune_code == place.today[0].code
        elif place.era == "legacy3":
            divided += 1
            question = asked(full_address(place), "legacy3")
            assert {c.new_commune_code for c in question.candidates} == {commune.code for commune in place.today}
    assert divided == 471


# Both eras in Cao Bằng


def test_an_address_of_today_gives_the_commune_and_what_stands_before_it() -> None:
    found = resolve_address("Tổ 6, Xã Lũng Nặm, tỉnh Cao Bằng", "new2")
    assert (found.province_code, found.province_name) == ("04", "Tỉnh Cao Bằng")
    assert (found.commune_code, found.commune_name) == ("01393", "Xã Lũng Nặm")
    assert (found.legacy_district, found.legacy_commune) == (None, None)
    assert (found.detail, found.confidence, found.era) == ("Tổ 6", Confidence.EXACT, "new2")


def test_an_old_address_gives_the_commune_of_today_and_keeps_the_old_units() -> None:
    found = resolve_address("Xóm 9, Xã Thái Cường, Huyện Thạch An, Cao Bằng", "legacy3")
    assert (found.commune_name, found.legacy_commune, found.legacy_district) == (
        "Xã Kim Đồng",
        "Xã Thái Cường",
        "Huyện Thạch An",
    )
    assert (found.detail, found.raw) == ("Xóm 9", "Xóm 9, Xã Thái Cường, Huyện Thạch An, Cao Bằng")


def test_a_district_says_that_the_address_is_an_old_one() -> None:
    found = resolve_address("Xã Hưng Đạo, Huyện Nguyên Bình, Cao Bằng", None)
    assert (found.era, found.commune_name) == ("legacy3", "Xã Tam Kim")


def test_a_name_that_only_a_new_commune_has_needs_no_era() -> None:
    assert resolve_address("Phường Nùng Trí Cao, Cao Bằng", None).era == "new2"


@pytest.mark.parametrize("place", NEW_HERE, ids=lambda place: place.commune.key)
def test_each_new_commune_is_found_without_accents(place: Place) -> None:
    found = resolve_address(without_accents(full_address(place)), "new2")
    assert found.commune_code == place.today[0].code


@pytest.mark.parametrize("place", OLD_HERE, ids=lambda place: f"{place.district.key}-{place.commune.key}")
def test_each_old_commune_with_its_district_is_found_with_and_without_accents_and_era(place: Place) -> None:
    text = full_address(place)
    for written in (text, without_accents(text)):
        for era in ("legacy3", None):
            assert resolve_address(written, era).commune_code == place.today[0].code


# Asking instead of guessing


def test_the_three_old_communes_of_one_name_are_told_apart_by_asking_for_the_district() -> None:
    question = asked("Xã Hưng Đạo, Cao Bằng", "legacy3")
    assert meanings(question) == {
        ("Thành phố Cao Bằng", "Phường Thục Phán"),
        ("Huyện Bảo Lạc", "Xã Hưng Đạo"),
        ("Huyện Nguyên Bình", "Xã Tam Kim"),
    }
    assert question.next_step == "Ask the citizen for the district of the old address."
    assert "huyện" in question.next_step_vi


@pytest.mark.parametrize("name", ["Vĩnh Quang", "Hưng Đạo", "Phan Thanh", "Ngọc Động", "Quang Trung", "Đức Long"])
def test_the_six_names_that_several_old_districts_had_are_asked_about(name: str) -> None:
    districts = {candidate.old_district for candidate in asked(f"xã {name}, Cao Bằng", "legacy3").candidates}
    assert len(districts) > 1


def test_an_old_address_without_district_is_asked_about_even_if_one_place_is_left() -> None:
    question = asked("Thị trấn Tà Lùng, Cao Bằng")
    assert meanings(question) == {("Huyện Quảng Hòa", "Xã Phục Hòa")}
    assert question.next_step == "Ask the citizen for the district of the old address."


def test_a_name_of_both_eras_is_asked_about() -> None:
    question = asked("xa hung dao, cao bang")
    assert len(question.candidates) == 4
    assert {candidate.era for candidate in question.candidates} == {"new2", "legacy3"}
    assert "before or since 1 July 2025" in question.next_step


def test_forty_of_the_new_names_were_an_old_commune_s_name_and_none_of_them_is_guessed() -> None:
    taken = 0
    for place in NEW_HERE:
        try:
            resolve_address(f"{place.commune.full}, Cao Bằng", None)
        except AmbiguousAddress:
            taken += 1
    assert taken == 40


def test_an_address_declared_new_that_names_a_district_is_asked_about() -> None:
    assert "before or since" in asked("Xã Quang Trung, Huyện Hòa An, Cao Bằng", "new2").next_step


@pytest.mark.parametrize(
    ("text", "era"), [("Xã Cần Nông, Cao Bằng", "new2"), ("Phường Thục Phán, Cao Bằng", "legacy3")]
)
def test_a_name_of_the_other_era_than_the_declared_one_is_asked_about(text: str, era: Era) -> None:
    assert "before or since" in asked(text, era).next_step


def test_a_divided_commune_is_asked_about_by_its_new_communes() -> None:
    question = asked("Xã Tân Thạnh, huyện Thới Lai, Cần Thơ", "legacy3")
    assert {c.text for c in question.candidates} == {
        "Xã Tân Thạnh, Thành phố Cần Thơ",
        "Xã Trường Thành, Thành phố Cần Thơ",
    }
    assert "which of the new communes" in question.next_step


def test_a_name_of_several_provinces_is_asked_about() -> None:
    assert asked("Xã Tân Lập", "new2").next_step == "Ask the citizen for the province."


def test_units_without_their_kinds_are_asked_about_where_the_old_district_is_a_commune_of_today() -> None:
    text = "Xóm 9, Thái Cường, Thạch An, Cao Bằng"
    assert meanings(asked(text)) == {("Huyện Thạch An", "Xã Kim Đồng"), (None, "Xã Thạch An")}
    assert resolve_address(text, "legacy3").commune_name == "Xã Kim Đồng"


def test_a_ward_of_today_that_is_called_after_an_old_city_is_not_taken_for_one_with_its_city() -> None:
    assert resolve_address("Phường 1 Bảo Lộc, Lâm Đồng", "new2").commune_name == "Phường 1 Bảo Lộc"
    assert resolve_address("Phường 1, Bảo Lộc, Lâm Đồng", "legacy3").legacy_district == "Thành phố Bảo Lộc"
    assert len(asked("Phường 1 Bảo Lộc, Lâm Đồng").candidates) == 2


def test_accents_tell_communes_apart_and_their_absence_is_asked_about() -> None:
    assert resolve_address("Xã Cẩm Giàng, Hải Phòng", "new2").commune_name == "Xã Cẩm Giàng"
    question = asked("Xa Cam Giang, Hai Phong", "new2")
    assert {c.new_commune for c in question.candidates} == {"Xã Cẩm Giang", "Xã Cẩm Giàng"}


@pytest.mark.parametrize(
    "text",
    [
        "Cao Bằng",
        "số 5 đường 3 tháng 2",
        "Xã Không Có, Cao Bằng",
        "Xã Không Có, Hà Quảng, Cao Bằng",
        "Xã Cần Nông, Huyện Thạch An, Cao Bằng",
        "Phường Lũng Nặm, Cao Bằng",
        "!!!",
        "",
        "a" * 301,
        "Xã Lũng Nặm\x00, Cao Bằng",
    ],
)
@pytest.mark.parametrize("era", ERAS)
def test_what_is_on_no_register_is_refused_with_a_next_step(text: str, era: Era | None) -> None:
    with pytest.raises(UnknownAddress) as refused:
        resolve_address(text, era)
    assert refused.value.next_step
    assert refused.value.next_step_vi


# Ways of writing


@pytest.mark.parametrize(
    ("text", "commune", "detail"),
    [
        ("P Nùng Trí Cao", "Phường Nùng Trí Cao", ""),
        ("Tổ 1 P.Nùng Trí Cao, T. Cao Bằng", "Phường Nùng Trí Cao", "Tổ 1"),
        ("Số 9, P.Sông Hiến, TP.Cao Bằng, tỉnh Cao Bằng", "Phường Thục Phán", "Số 9"),
        ("Xã Hưng Đạo, TP Cao Bằng", "Phường Thục Phán", ""),
        ("X. Thái Cường - H. Thạch An - T. Cao Bằng - Việt Nam", "Xã Kim Đồng", ""),
        ("Xóm 9 xa Thai Cuong huyen Thach An tinh Cao Bang 21000", "Xã Kim Đồng", "Xóm 9"),
        ("TT. Tà Lùng, H. Quảng Hòa, Cao Bằng", "Xã Phục Hòa", ""),
        ("Thị trấn Trùng Khánh, Trùng Khánh, Cao Bằng", "Xã Trùng Khánh", ""),
        ("Tổ 2 (gần chợ)\nPhường Thục Phán\nCao Bằng", "Phường Thục Phán", "Tổ 2 (gần chợ)"),
        ("PHƯỜNG TÂN GIANG, QUẬN HẢI CHÂU", None, ""),
        ("12 Lê Lợi, P.05, Q3, TP.HCM", "Phường Bàn Cờ", "12 Lê Lợi"),
        ("Phường Thuận Hóa, tỉnh Thừa Thiên Huế", "Phường Thuận Hóa", ""),
        ("xã Ea H’leo, huyện Ea H leo, Đắk Lắk", "Xã Ea H'Leo", ""),
        ("Huyện Lý Sơn, Quảng Ngãi", "Đặc khu Lý Sơn", ""),
    ],
)
def test_abbreviations_and_loose_spellings_are_understood(text: str, commune: str | None, detail: str) -> None:
    if commune is None:
        with pytest.raises(UnknownAddress):
            resolve_address(text, None)
    else:
        found = resolve_address(text, None)
        assert (found.commune_name, found.detail) == (commune, detail)


def test_the_end_of_a_commune_s_name_is_not_taken_for_a_province() -> None:
    candidates = asked("Xã Nguyễn Huệ").candidates
    assert "Xã Nguyễn Huệ, Tỉnh Cao Bằng" in {candidate.text for candidate in candidates}


def test_another_way_to_set_the_accent_is_the_same_commune_with_less_confidence() -> None:
    found = resolve_address("Xã Hoà An, tỉnh Cao Bằng", "new2")
    assert (found.commune_name, found.confidence) == ("Xã Hòa An", Confidence.INFERRED)


# For every address

addresses = st.builds(
    lambda places, ends, joint: joint.join(
        [name for place in places for name in (place.commune.full, place.district.full if place.district else "Tổ 1")]
        + ends
    ),
    st.lists(st.sampled_from(HERE), min_size=1, max_size=2),
    st.lists(st.sampled_from(["Cao Bằng", "tỉnh Cao Bằng", "TP Cao Bằng", "Hà Nội", "Việt Nam", "21000"]), max_size=2),
    st.sampled_from([", ", " ", " - ", "\n", ";"]),
)


def outcome(text: str, era: Era | None) -> object:
    try:
        return resolve_address(text, era)
    except AmbiguousAddress as question:
        return question.candidates
    except UnknownAddress as refused:
        return refused.reason


@given(st.text() | addresses, st.sampled_from(ERAS))
def test_any_text_is_resolved_asked_about_or_unknown_however_its_accents_are_encoded(
    text: str, era: Era | None
) -> None:
    assert outcome(normalize("NFC", text), era) == outcome(normalize("NFD", text), era)


@given(addresses, st.sampled_from(ERAS))
def test_every_answer_that_is_offered_settles_the_question(text: str, era: Era | None) -> None:
    candidates = outcome(text, era)
    assert candidates
    for candidate in candidates if isinstance(candidates, tuple) else ():
        assert isinstance(candidate, Candidate)
        found = resolve_address(candidate.text, candidate.era)
        assert (found.commune_code, found.era) == (candidate.new_commune_code, candidate.era)


@given(st.sampled_from(HERE), st.text(alphabet="Tổ Xóm0123456789/.", max_size=20))
def test_what_stands_before_the_commune_never_changes_the_commune(place: Place, before: str) -> None:
    found = resolve_address(f"{before}, {full_address(place)}", place.era)
    assert found.commune_code == place.today[0].code
