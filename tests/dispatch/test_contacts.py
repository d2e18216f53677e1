from contextlib import suppress
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.contacts import (
    InvalidContact,
    check_id_number,
    mask_id_number,
    mask_phone,
    normalise_name,
    parse_phone,
)

MOBILE = "+84912345678"


@pytest.mark.parametrize(
    "written",
    [
        "0912345678",
        "+84912345678",
        "84 91 234 5678",
        "0912.345.678",
        "(091) 234-5678",
        "091\u2013234\u20135678",
        "０９１２３４５６７８",
        "\u202a+84 912 345 678\u202c",
        "0912\u00a0345\u00a0678",
        "0084912345678",
    ],
)
def test_a_mobile_number_is_read_however_it_is_written(written: str) -> None:
    phone = parse_phone(written)
    assert (phone.e164, phone.can_receive_sms) == (MOBILE, True)


@pytest.mark.parametrize(("written", "e164"), [("02063852136", "+842063852136"), ("1900545481", "+841900545481")])
def test_a_landline_and_a_service_number_are_valid_but_get_no_sms(written: str, e164: str) -> None:
    phone = parse_phone(written)
    assert (phone.e164, phone.can_receive_sms) == (e164, False)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("01234567890", "ended in 2018"),
        ("091234567", "not a Vietnamese phone number"),
        ("0556123456", "not a Vietnamese phone number"),
        ("113", "not a Vietnamese phone number"),
        ("(((", "not a Vietnamese phone number"),
        ("+1 650 253 0000", "another country"),
        ("0912345678 / 0987654321", "more than one"),
        ("0912345678 ext 5", "not a digit"),
        ("٠٩١٢٣٤٥٦٧٨", "not a digit"),
        ("  ", "Nothing was written"),
        ("0912\x00345678", "cannot be printed"),
    ],
)
def test_a_phone_that_cannot_be_called_is_refused_with_the_reason_and_a_next_step(written: str, reason: str) -> None:
    with pytest.raises(InvalidContact, match=reason) as refused:
        parse_phone(written)
    assert refused.value.field == "phone"
    assert refused.value.next_step
    assert refused.value.message_vi == f"{refused.value.reason_vi} {refused.value.next_step_vi}"


def test_a_refusal_does_not_repeat_what_the_citizen_wrote() -> None:
    with pytest.raises(InvalidContact) as refused:
        parse_phone("0912345670000")
    assert "0912345670000" not in f"{refused.value}{refused.value.next_step}{refused.value.message_vi}"


def test_a_name_is_kept_in_composed_unicode_with_single_spaces() -> None:
    assert normalise_name(normalize("NFD", "  Nông   Thị\tThúy\u200b ")) == "Nông Thị Thúy"


@pytest.mark.parametrize("name", ["", " \u200b ", "12", "A\x07B", "x" * 151])
def test_a_name_that_no_postman_could_call_out_is_refused(name: str) -> None:
    with pytest.raises(InvalidContact) as refused:
        normalise_name(name)
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("written", "number"),
    [("004 615 891 321", "004615891321"), ("００４６１５８９１３２１", "004615891321"), ("080.123.456", "080123456")],
)
def test_an_identity_number_keeps_its_zeros_at_the_front(written: str, number: str) -> None:
    assert check_id_number(written) == number


@pytest.mark.parametrize("written", ["4615891321", "0046158913210", "00461589132A", "٠٠٤٦١٥٨٩١٣٢١", "B1234567", ""])
def test_an_identity_number_of_another_shape_is_refused(written: str) -> None:
    with pytest.raises(InvalidContact) as refused:
        check_id_number(written)
    assert refused.value.field == "id_number"


def test_numbers_are_masked_as_others_may_see_them() -> None:
    assert mask_phone(MOBILE) == "091****678"
    assert mask_phone("+842063852136") == "020*****136"
    assert mask_id_number("004615891389") == "004*******89"
    assert mask_id_number("080123456") == "080****56"
    assert mask_phone("1234567") == "*******"


@given(st.text(alphabet="0123456789+", max_size=20))
def test_a_mask_keeps_the_length_and_shows_at_most_the_ends(text: str) -> None:
    masked = mask_id_number(text)
    assert len(masked) == len(text)
    assert len(masked.replace("*", "")) <= 5
    assert not text or "*" in masked


@given(st.from_regex(r"0(3[2-9]|9[0134678])[0-9]{7}", fullmatch=True), st.data())
def test_separators_never_change_which_number_is_meant(digits: str, data: st.DataObject) -> None:
    gaps = data.draw(st.lists(st.sampled_from(["", " ", ".", "-"]), min_size=9, max_size=9))
    spread = digits[0] + "".join(gap + digit for gap, digit in zip(gaps, digits[1:], strict=True))
    assert parse_phone(spread) == parse_phone(digits)
    assert parse_phone(parse_phone(digits).e164) == parse_phone(digits)


@given(st.text())
def test_whatever_is_written_is_taken_or_refused_and_nothing_else(text: str) -> None:
    for check in (parse_phone, normalise_name, check_id_number):
        with suppress(InvalidContact):
            assert check(text)


@given(st.text())
def test_a_name_does_not_depend_on_how_accents_are_encoded_and_is_stable(text: str) -> None:
    try:
        name = normalise_name(normalize("NFC", text))
    except InvalidContact:
        with pytest.raises(InvalidContact):
            normalise_name(normalize("NFD", text))
    else:
        assert normalise_name(normalize("NFD", text)) == name == normalise_name(name)
