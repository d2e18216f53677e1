"""What an SMS costs: Vietnamese letters need the wide alphabet, and so cost twice as much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.channels.sms_length import Coding, measure

_PLAIN = st.text(st.sampled_from("abcXYZ 019.,:/@é"))
_ANY = st.text(max_size=400)


@pytest.mark.parametrize(
    ("text", "coding", "segments"),
    [
        ("", Coding.GSM_7, 1),
        ("a" * 160, Coding.GSM_7, 1),
        ("a" * 161, Coding.GSM_7, 2),
        ("a" * 306, Coding.GSM_7, 2),
        ("a" * 307, Coding.GSM_7, 3),
        ("€" * 80, Coding.GSM_7, 1),
        ("ồ" * 70, Coding.UCS_2, 1),
        ("ồ" * 71, Coding.UCS_2, 2),
        ("ồ" * 134, Coding.UCS_2, 2),
        ("ồ" * 135, Coding.UCS_2, 3),
        ("Ho so" + "ơ", Coding.UCS_2, 1),
    ],
)
def test_the_lengths_of_the_standard(text: str, coding: Coding, segments: int) -> None:
    length = measure(text)
    assert (length.coding, length.segments) == (coding, segments)


def test_a_sign_of_two_units_is_not_cut_by_the_end_of_a_segment() -> None:
    assert measure("a" * 152 + "€" + "a" * 152).segments == 3  # 306 septets would fit in two, were it cut
    assert measure("ồ" * 66 + "😀" + "ồ" * 66).segments == 3


@given(_PLAIN)
def test_plain_letters_need_the_narrow_alphabet(text: str) -> None:
    assert measure(text).coding is Coding.GSM_7


@given(_ANY, _ANY)
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert measure(text).segments <= measure(text + more).segments


@given(_ANY)
def test_wide_texts_are_counted_in_utf_16(text: str) -> None:
    length = measure(text + "ồ")
    assert length.units == len((text + "ồ").encode("utf-16-le", "surrogatepass")) // 2
    assert length.segments >= -(-length.units // 70)
