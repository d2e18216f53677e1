"""Names, phone numbers and identity numbers of citizens: checked on the way in, masked on the way to other eyes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from unicodedata import normalize

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from dispatch.written import Advice, Refusal, tidy

_REGION = "VN"
_COUNTRY_CODE = 84
_LONGEST_NAME = 150
_LONGEST_NUMBER = 40
_PHONE_TEXT = re.compile(r"\+?[0-9\s.()\u2010-\u2015-]+")
_OLD_MOBILE = re.compile(r"1\d{9}")
_ID_NUMBER = re.compile(r"[0-9]{12}|[0-9]{9}")
_SEPARATORS = re.compile(r"[\s.-]")

_NOT_A_PHONE = Advice(
    "It is not a Vietnamese phone number.",
    "Check the digits with the citizen: a mobile number has 10, for example 0912345678.",
    "Số điện thoại không đúng.",
    "Vui lòng kiểm tra lại từng chữ số: số di động có 10 chữ số, ví dụ 0912345678.",
)
_MORE_THAN_DIGITS = Advice(
    "It holds more than one phone number, or something that is not a digit.",
    "Give one phone number, in digits.",
    "Mục này có nhiều hơn một số điện thoại hoặc có ký tự không phải chữ số.",
    "Vui lòng nhập một số điện thoại, chỉ gồm chữ số.",
)
_OLD_PHONE = Advice(
    "It is an 11-digit mobile number of the kind that ended in 2018.",
    "Ask the citizen for the 10-digit number that replaced it.",
    "Đây là số di động 11 chữ số kiểu cũ, không còn dùng từ năm 2018.",
    "Vui lòng nhập số 10 chữ số đã thay thế.",
)
_FOREIGN_PHONE = Advice(
    "It is a phone number of another country.",
    "Give a Vietnamese number: the postman must be able to call it.",
    "Đây là số điện thoại nước ngoài.",
    "Vui lòng nhập số điện thoại Việt Nam để bưu tá liên lạc được.",
)
_NOT_AN_ID_NUMBER = Advice(
    "It is neither a 12-digit identity number (CCCD) nor a 9-digit one (CMND).",
    "Copy all digits from the card, with the zeros at the front.",
    "Số giấy tờ tùy thân không đúng: căn cước có 12 chữ số, chứng minh nhân dân có 9 chữ số.",
    "Vui lòng nhập đủ các chữ số trên thẻ, kể cả các số 0 ở đầu.",
)
_NOT_A_NAME = Advice(
    "It holds no letters.",
    "Write the full name as on the identity card.",
    "Họ tên không có chữ cái nào.",
    "Vui lòng viết họ tên đầy đủ như trên giấy tờ tùy thân.",
)


class InvalidContact(Refusal):
    """A name, phone number or identity number cannot be used."""


@dataclass(frozen=True)
class Phone:
    """A valid Vietnamese number: ``+84912345678``. Only mobile numbers can be told anything by SMS."""

    e164: str
    can_receive_sms: bool


def parse_phone(text: str) -> Phone:
    """Read a phone number in any usual way of writing: spaces, dots, brackets, ``0…``, ``84…`` or ``+84…``.

    Raises:
        InvalidContact: it is not exactly one valid Vietnamese number.
    """
    refuse = partial(InvalidContact, "phone")
    written = normalize("NFKC", tidy(text, _LONGEST_NUMBER, refuse))
    if not _PHONE_TEXT.fullmatch(written):
        raise refuse(_MORE_THAN_DIGITS)
    try:
        number = phonenumbers.parse(written, _REGION)
    except NumberParseException as error:
        raise refuse(_NOT_A_PHONE) from error
    if fault := _fault(number):
        raise refuse(fault)
    return Phone(
        e164=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        can_receive_sms=phonenumbers.number_type(number) == PhoneNumberType.MOBILE,
    )


def can_receive_sms(e164: str) -> bool:
    """Whether a number that :func:`parse_phone` has brought into its form takes messages."""
    number = phonenumbers.parse(e164)
    return phonenumbers.number_type(number) == PhoneNumberType.MOBILE


def _fault(number: PhoneNumber) -> Advice | None:
    if number.country_code != _COUNTRY_CODE:
        return _FOREIGN_PHONE
    if phonenumbers.is_valid_number(number):
        return None
    return _OLD_PHONE if _OLD_MOBILE.fullmatch(str(number.national_number)) else _NOT_A_PHONE


def normalise_name(text: str) -> str:
    """Return a name in composed Unicode with single spaces, at most 150 characters.

    Raises:
        InvalidContact: it is empty, too long, holds no letter, or holds control characters.
    """
    refuse = partial(InvalidContact, "name")
    name = tidy(text, _LONGEST_NAME, refuse)
    if not any(char.isalpha() for char in name):
        raise refuse(_NOT_A_NAME)
    return name


def check_id_number(text: str) -> str:
    """Return the digits of an identity number as text, zeros at the front kept: 12 (CCCD) or 9 (CMND).

    Only the form is checked. The number has no check digit (Decree 137/2015/NĐ-CP Art. 13), and its province code stays
    that of the province of birth registration after provinces merge.

    Raises:
        InvalidContact: it has another number of digits, or something else than digits.
    """
    refuse = partial(InvalidContact, "id_number")
    digits = _SEPARATORS.sub("", normalize("NFKC", tidy(text, _LONGEST_NUMBER, refuse)))
    if not _ID_NUMBER.fullmatch(digits):
        raise refuse(_NOT_AN_ID_NUMBER)
    return digits


def national_phone(text: str) -> str:
    """Return a number as people in Vietnam write it, ``0912 345 678``; what is no number is left as it is."""
    try:
        number = phonenumbers.parse(text, _REGION)
    except NumberParseException:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def mask_phone(e164: str) -> str:
    """Return a number as others may see it: ``091****678`` for ``+84912345678``."""
    prefix = f"+{_COUNTRY_CODE}"
    return _mask("0" + e164.removeprefix(prefix) if e164.startswith(prefix) else e164, head=3, tail=3)


def mask_id_number(number: str) -> str:
    """Return an identity number as others may see it: ``004*******89``.

    The middle tells sex and year of birth (Decree 137/2015/NĐ-CP Art. 13), so all of it is hidden.
    """
    return _mask(number, head=3, tail=2)


def _mask(text: str, *, head: int, tail: int) -> str:
    hidden = len(text) - head - tail
    # A short text would be given away by its ends.
    if hidden < tail + 1:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[-tail:]
