from __future__ import annotations

import inspect
import unicodedata

import pytest
from pwdlib import PasswordHash

from dispatch.problems import Problem
from worker.access import passwords
from worker.access.passwords import check_password, hash_password, is_right, new_password


@pytest.mark.parametrize(
    "password",
    [
        *("", "ngắn quá", "mai.ht là tôi đây", "MAI.HT-cao-bang", "x" * 201),
        *("matkhau123456", "Mật khẩu 2026!", "motcua-motcua-motcua", "password1234", "123456789012", "aaaaaaaaaaaa"),
        *("qwertyuiop12", "abababababab", "Buu dien 123456"),
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(Problem) as refused:
        check_password("mai.ht", password)
    assert refused.value.next_step
    assert refused.value.next_step_vi


@pytest.mark.parametrize("password", ["con mèo trèo cây cau", "correct horse battery", "83-16-90-27-44-51"])
def test_length_is_enough_no_special_characters_are_asked_for(password: str) -> None:
    check_password("mai.ht", password)
    check_password("mai.ht", new_password())


def test_two_ways_to_type_a_vietnamese_letter_are_one_password() -> None:
    hashed = hash_password(unicodedata.normalize("NFC", "con mèo trèo cây"))
    assert is_right(unicodedata.normalize("NFD", "con mèo trèo cây"), hashed)
    assert not is_right("con meo treo cay", hashed)


def test_nobody_has_no_password() -> None:
    assert not is_right("", None)
    assert not is_right("con mèo trèo cây", None)


def test_hashes_are_argon2id_and_each_its_own() -> None:
    one, other = hash_password("con mèo trèo cây"), hash_password("con mèo trèo cây")
    assert one != other
    assert one.startswith("$argon2id$")


def test_outside_the_tests_each_guess_costs_64_mib() -> None:
    assert "m=65536,t=3," in PasswordHash.recommended().hash("con mèo trèo cây")
    assert "PasswordHash.recommended()" in inspect.getsource(passwords)


def test_one_time_passwords_are_never_the_same() -> None:
    assert len({new_password() for _ in range(1000)}) == 1000
